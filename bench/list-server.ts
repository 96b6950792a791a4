import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { changeCompany, makeCompany, type CompanyLists } from './company.ts';

/**
 * A process that serves whole companies as Factorial does, fast: lists by page and by ids, OAuth that accepts everything,
 * webhook subscriptions. The access token is the name of the company. The simulator is right; this one is only quick.
 */
const pageSize = 100;
const companies = new Map<string, CompanyLists>();
const subscriptions = new Map<string, (Record<string, unknown> & { id: string })[]>();

export type ListServerJob =
  | { readonly make: string; readonly employees: number; readonly today: string }
  | { readonly change: string; readonly share: number; readonly turn: number };

const server = createServer((request, response) => {
  void readBody(request)
    .then((body) => answer(request, body))
    .then(({ status, body }) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
});
server.listen(0, '127.0.0.1', () => {
  process.send?.({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
});
process.on('message', (message) => {
  const job = message as ListServerJob; // both ends are ours
  if ('make' in job) companies.set(job.make, makeCompany(job.employees, job.today));
  else changeCompany(companyOf(job.change), job.share, job.turn);
  process.send?.({ done: true });
});
process.on('disconnect', () => process.exit());

async function readBody(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}

function companyOf(name: string): CompanyLists {
  const company = companies.get(name);
  if (company === undefined) throw new Error(`there is no company ${name}`);
  return company;
}

function answer(
  { method, url = '', headers }: IncomingMessage,
  body: string,
): { status: number; body: unknown } {
  const { pathname, searchParams } = new URL(url, 'http://localhost');
  if (pathname === '/oauth/token') {
    const name = new URLSearchParams(body).get('code');
    return { status: 200, body: { access_token: name, refresh_token: null, token_type: 'Bearer' } };
  }
  const name = headers.authorization?.replace('Bearer ', '') ?? '';
  const company = companyOf(name);
  switch (pathname.split('/resources/')[1]) {
    case 'api_public/credentials':
      return list([{ id: name, company_id: name, employee_id: null, name, legal_name: name }], searchParams);
    case 'api_public/webhook_subscriptions': {
      const ours = subscriptions.get(name) ?? [];
      if (method === 'GET') return list(ours, searchParams);
      const { subscription_type: type, ...wanted } = JSON.parse(body) as Record<string, unknown>;
      const created = { id: String(ours.length + 1), type, enabled: true, ...wanted };
      subscriptions.set(name, [...ours, created]);
      return { status: 201, body: created };
    }
    case 'employees/employees':
      return list(company.employees, searchParams);
    case 'timeoff/leaves':
      return list(company.leaves, searchParams);
    case 'timeoff/leave_types':
      return list(company.leaveTypes, searchParams);
    case 'holidays/company_holidays':
      return list(company.holidays, searchParams);
    case 'attendance/estimated_times': // nobody's time is planned: the default week counts
      return list([], searchParams);
    default:
      return { status: 404, body: {} };
  }
}

/** A page of rows in ascending order of id: those after a cursor, or those with the ids asked for. */
function list<Row extends { id: string }>(
  rows: readonly Row[],
  query: URLSearchParams,
): { status: number; body: unknown } {
  const ids = new Set(query.getAll('ids[]'));
  const wanted = ids.size > 0 ? rows.filter(({ id }) => ids.has(id)) : rows;
  const after = query.get('after_id');
  const start = after === null ? 0 : indexAfter(wanted, after);
  const page = wanted.slice(start, start + pageSize);
  const hasNext = start + pageSize < wanted.length;
  const meta = { has_next_page: hasNext, end_cursor: page.at(-1)?.id ?? null, total: wanted.length };
  return { status: 200, body: { data: page, meta } };
}

/** Ids of a company all have the same length, so that their order as text is their order. */
function indexAfter(rows: readonly { id: string }[], id: string): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((rows[middle]?.id ?? '') <= id) low = middle + 1;
    else high = middle;
  }
  return low;
}
