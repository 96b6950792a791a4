import type { Link } from '../../client/employees.ts';
import type { Employee } from '../../client/types.ts';
import { foldText } from '../../components/fold-text.ts';

export const employeeFilters = ['all', 'linked', 'unlinked', 'suggested', 'parked'] as const;
export type EmployeeFilter = (typeof employeeFilters)[number];

export const employeeSorts = ['name', 'profile', 'parked'] as const;
export type EmployeeSort = (typeof employeeSorts)[number];

const belongs: Record<EmployeeFilter, (employee: Employee) => boolean> = {
  all: () => true,
  linked: ({ link }) => link !== null,
  unlinked: ({ link }) => link === null,
  suggested: ({ suggestion }) => suggestion !== null,
  parked: ({ parked }) => parked > 0,
};

/** The rows to show. The list comes by name from the API: what is equal by another order stays so. */
export function chooseEmployees(
  employees: readonly Employee[],
  { search, filter, sort }: { search: string; filter: EmployeeFilter; sort: EmployeeSort },
): readonly Employee[] {
  const words = foldText(search).split(/\s+/).filter(Boolean);
  const chosen = employees.filter((employee) => {
    if (!belongs[filter](employee)) return false;
    return words.every((word) => foldedOf(employee).text.includes(word));
  });
  if (sort === 'parked') return chosen.toSorted((a, b) => b.parked - a.parked);
  if (sort === 'profile') return chosen.toSorted((a, b) => compare(foldedOf(a).profile, foldedOf(b).profile));
  return chosen;
}

export function countEmployees(employees: readonly Employee[]): Record<EmployeeFilter, number> {
  const counts: Record<EmployeeFilter, number> = { all: 0, linked: 0, unlinked: 0, suggested: 0, parked: 0 };
  for (const employee of employees)
    for (const filter of employeeFilters) if (belongs[filter](employee)) counts[filter] += 1;
  return counts;
}

/** The links that all suggestions together would make. */
export function suggestedLinks(employees: readonly Employee[]): Link[] {
  return employees.flatMap(({ employeeId, suggestion }) =>
    suggestion === null ? [] : [{ employeeId, profileId: suggestion.profileId }],
  );
}

interface Folded {
  /** All that a search looks at. */
  readonly text: string;
  /** Null without a profile: those come last. */
  readonly profile: string | null;
}

/** Folding five thousand names at every letter typed would be felt: each row is folded once. */
const foldedRows = new WeakMap<Employee, Folded>();

function foldedOf(employee: Employee): Folded {
  const known = foldedRows.get(employee);
  if (known !== undefined) return known;
  const { name, email, link } = employee;
  const folded = {
    text: foldText([name, email ?? '', link?.name ?? ''].join(' ')),
    profile: link === null ? null : foldText(link.name),
  };
  foldedRows.set(employee, folded);
  return folded;
}

function compare(a: string | null, b: string | null): number {
  if (a === b) return 0;
  if (a === null) return 1;
  if (b === null) return -1;
  return a < b ? -1 : 1;
}
