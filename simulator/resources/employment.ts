import type { FastifyInstance } from 'fastify';
import { ID, PLAIN, present, since, type FieldTable } from '../fields.ts';
import type { EmployeeRow } from '../rows.ts';
import type { World } from '../world.ts';
import { visibleEmployees, type Call } from './call.ts';
import { addList } from './routes.ts';

const contractFields: FieldTable = {
  id: ID,
  employee_id: ID,
  company_id: ID,
  effective_on: PLAIN,
  starts_on: PLAIN,
  ends_on: PLAIN,
  working_hours: PLAIN,
  working_hours_frequency: PLAIN,
  working_week_days: PLAIN,
  bank_holiday_treatment: PLAIN,
  max_legal_yearly_hours: PLAIN,
  working_time_percentage_in_cents: PLAIN,
  created_at: PLAIN,
  updated_at: PLAIN,
};

const terminationFields: FieldTable = {
  id: ID,
  employee_id: ID,
  status: PLAIN,
  terminated_on: PLAIN,
  contract_end_date: since('2026-04-01', PLAIN),
  termination_reason: PLAIN,
  termination_reason_type: PLAIN,
  termination_type_description: PLAIN,
  termination_observations: PLAIN,
  legal_entity_id: ID,
  remaining_holidays: PLAIN,
};

const policyAssignmentFields: FieldTable = {
  id: ID,
  timeoff_policy_id: ID,
  employee_id: ID,
  effective_at: PLAIN,
};

/** Contracts, terminations and assigned policies: one of each person at most, and all of it follows from the employee. */
export function addEmployment(app: FastifyInstance, world: World): void {
  for (const resource of ['contract_versions', 'reference_contracts']) {
    addList<EmployeeRow>(app, world, {
      path: `contracts/${resource}`,
      scope: 'contracts',
      params: [
        'ids[]',
        'employee_ids[]',
        'date',
        'updated_at_gteq',
        'updated_at_lteq',
        'job_catalog_tree_node_uuids[]',
      ],
      filter: filterContracts,
      present: ({ company, version }, row) =>
        present([contractOf(company.id, row), row], contractFields, version),
    });
  }

  addList<EmployeeRow>(app, world, {
    path: 'employee_updates/terminations',
    scope: 'employee_updates',
    params: ['ids[]'],
    filter: (call) => {
      const isAskedFor = call.query.allows('ids[]');
      return visibleEmployees(call, call.company.employees.all()).filter(
        (row) => row.terminated_on !== null && isAskedFor(row.id),
      );
    },
    present: ({ version }, row) => {
      const computed = {
        employee_id: row.id,
        status: 'done',
        contract_end_date: row.terminated_on,
        remaining_holidays: [],
      };
      return present([computed, row], terminationFields, version);
    },
  });

  addList<EmployeeRow>(app, world, {
    path: 'timeoff/policy_assignments',
    scope: 'time_off',
    params: ['ids[]', 'employee_ids[]', 'timeoff_policy_ids[]'],
    filter: (call) => {
      const { company, query } = call;
      const [isAskedFor, isOfEmployee, isOfPolicy] = [
        query.allows('ids[]'),
        query.allows('employee_ids[]'),
        query.allows('timeoff_policy_ids[]'),
      ];
      return visibleEmployees(call, company.employees.all()).filter(
        ({ id }) => isAskedFor(id) && isOfEmployee(id) && isOfPolicy(company.id),
      );
    },
    present: ({ company, version }, row) => {
      // The one policy of a company has the company's id.
      const computed = {
        employee_id: row.id,
        timeoff_policy_id: company.id,
        effective_at: row.seniority_calculation_date,
      };
      return present([computed, row], policyAssignmentFields, version);
    },
  });
}

function filterContracts(call: Call): readonly EmployeeRow[] {
  const { company, query } = call;
  const [isAskedFor, isOfEmployee] = [query.allows('ids[]'), query.allows('employee_ids[]')];
  const date = query.day('date');
  const from = query.instantMs('updated_at_gteq');
  const to = query.instantMs('updated_at_lteq');
  return visibleEmployees(call, company.employees.all()).filter((row) => {
    const updatedMs = Date.parse(row.updated_at);
    return (
      isAskedFor(row.id) &&
      isOfEmployee(row.id) &&
      (date === undefined || (row.seniority_calculation_date ?? '') <= date) &&
      (date === undefined || row.terminated_on === null || row.terminated_on >= date) &&
      (from === undefined || updatedMs >= from) &&
      (to === undefined || updatedMs <= to)
    );
  });
}

function contractOf(companyId: string, row: EmployeeRow): object {
  return {
    employee_id: row.id,
    company_id: companyId,
    effective_on: row.seniority_calculation_date ?? row.created_at.slice(0, 10),
    starts_on: row.seniority_calculation_date,
    ends_on: row.terminated_on,
    working_hours: 4000,
    working_hours_frequency: 'week',
    working_week_days: 'monday,tuesday,wednesday,thursday,friday',
    bank_holiday_treatment: 'non_workable',
    max_legal_yearly_hours: 1782,
    working_time_percentage_in_cents: 10_000,
  };
}
