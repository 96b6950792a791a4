import { print, until, type DemoClient } from './demo-client.ts';

/** The main job, step by step, through the public contract. Each step fails loudly where something is not as it must be. */

const F = '/api/integrations/factorial';

interface Card {
  status: string;
  tokenStatus: string | null;
  tokenExpiresAt: string | null;
  company: { id: string; name: string | null } | null;
  lastReconciliation: { id: string; status: string; verified: boolean } | null;
  parked: { absences: number; types: number; employees: number };
  unlinked: { employees: number; profiles: number };
  subscriptions: { type: string; state: string }[];
  redirectUri: string;
}
interface Employee {
  employeeId: string;
  name: string;
  email: string | null;
  link: { profileId: string } | null;
  suggestion: { profileId: string; name: string } | null;
}
interface AbsenceType {
  absenceTypeId: string;
  name: string;
  status: string;
  parked: { absences: number; employees: number };
}
interface Day {
  date: string;
  dayType: { id: string; key: string | null; name: string };
  plannedMinutes: number;
  expectedMinutes: number;
  source: string;
}
interface Reconciliation {
  id: string;
  status: string;
  verified: boolean;
  counts: Record<string, { read: number; total: number | null }>;
  drift: Record<string, { created: number; updated: number; deleted: number }>;
}
interface Leave {
  id: string;
  employee_id: string;
  start_on: string;
  finish_on: string | null;
  approved: boolean | null;
  half_day: string | null;
  hours_amount_in_cents: number | null;
  deleted_at: string | null;
  leave_type_id: string;
}
interface HolidayRow {
  id: string;
  location_id: string;
  date: string;
  half_day: string | null;
}
interface PersonRow {
  id: string;
  email: string;
  location_id: string;
  terminated_on: string | null;
}

export interface StoryOptions {
  readonly client: DemoClient;
  /** Where Factorial is: the simulator's origin. */
  readonly factorialUrl: string;
  readonly application: { readonly clientId: string; readonly clientSecret: string };
}

/** Plays the whole story and answers the rows of the closing table. */
export async function playStory({
  client,
  application,
  factorialUrl,
}: StoryOptions): Promise<Record<string, string | number>[]> {
  const { api, factorial } = client;
  const card = async (quiet = true): Promise<Card> =>
    (await api<Card>('GET', F, { quiet, show: brief })).body;
  const calendar = async (employeeId: string, from: string, to: string): Promise<Day[]> =>
    (
      await api<{ items: Day[] }>('GET', `/api/employees/${employeeId}/calendar?from=${from}&to=${to}`, {
        quiet: true,
      })
    ).body.items;
  const day = async (employeeId: string, date: string): Promise<Day | undefined> =>
    (await calendar(employeeId, date, date))[0];

  chapter('time@work has its employees and day types (seeded over the same contract, with a service token)');
  const before = await everyEmployee(client);
  expect(before.length >= 40, `40 employees are expected, there are ${before.length}`);
  print(`  ${before.length} employees`);

  chapter('The admin saves the credentials of the Factorial application');
  // An access token that lives 20 s, so that its refresh by the timer can be watched.
  await factorial('PUT', '/control/switches', { companyTokenShape: 'full', accessTokenTtl: 20 });
  const saved = (await api<Card>('PUT', `${F}/credentials`, { body: application, expect: 202, show: brief }))
    .body;
  expect(saved.status === 'pending', `the card should be pending, it is ${saved.status}`);

  chapter('The admin connects with Factorial: consent in the popup, callback');
  const { authorizationUrl } = (
    await api<{ authorizationUrl: string }>('POST', `${F}/authorization`, {
      body: { apiHost: factorialUrl },
      expect: 201,
      show: ({ expiresAt }: { expiresAt: string }) => `until ${expiresAt}`,
    })
  ).body;
  const location = await consent(authorizationUrl);
  const callback = await fetch(location);
  print(`  → GET the callback with code and state`);
  print(`  ← ${callback.status} ${/<h1>([^<]*)/.exec(await callback.text())?.[1] ?? ''}`);
  expect(callback.status === 200, `the callback answered ${callback.status}`);
  const connected = await until('connecting', 20_000, async () => {
    const now = await card();
    return now.status === 'connected' ? now : null;
  });
  print(
    `  connected with ${connected.value.company?.name ?? '?'} after ${connected.tookMs} ms; token: ${connected.value.tokenStatus ?? '?'}`,
  );
  await factorial('PUT', '/control/switches', { accessTokenTtl: 3_600 });
  const shortLived = connected.value.tokenExpiresAt;

  chapter('The first synchronisation');
  const first = await reconciled(client, null);
  print(
    `  ${table(first.value.counts, ({ read, total }) => `${read}/${total ?? '?'}`)} in ${first.tookMs} ms, verified: ${first.value.verified}`,
  );
  expect(first.value.verified, 'the first synchronisation should be verified');
  expect(first.value.counts['employees']?.read === 40, 'there should be 40 profiles');

  chapter('The admin accepts the suggested links');
  const unlinked = await everyEmployee(client);
  const people = await factorial<PersonRow[]>('GET', '/control/employees?limit=1000');
  const links = unlinked.flatMap(({ employeeId, email, suggestion }) => {
    // People who have left are not suggested; the admin picks them from the list of profiles.
    const profileId = suggestion?.profileId ?? people.find((person) => person.email === email)?.id;
    return profileId === undefined ? [] : [{ employeeId, profileId }];
  });
  const linked = (
    await api<{ linked: number }>('POST', `${F}/employees/links`, {
      body: { links },
      show: ({ linked: n }: { linked: number }) => `${n} linked`,
    })
  ).body;
  expect(linked.linked === 40, `40 links are expected, ${linked.linked} were made`);

  chapter('The admin maps two absence types');
  const types = (
    await api<{ items: AbsenceType[] }>('GET', `${F}/day-types?limit=200`, {
      show: ({ items }: { items: AbsenceType[] }) => `${items.length} absence types`,
    })
  ).body.items;
  const vacation = types.find((type) => type.name === 'Vacaciones');
  const sick = types.find((type) => type.name === 'Baja médica');
  if (vacation === undefined || sick === undefined)
    throw new Error('Factorial should have Vacaciones and Baja médica.');
  await api('POST', `${F}/day-types/${vacation.absenceTypeId}/preview`, {
    body: { dayTypeId: 'vacation' },
    show: ({ absences, employees, days }: { absences: number; employees: number; days: number }) =>
      `${absences} absences of ${employees} people would change ${days} days`,
  });
  await api('PUT', `${F}/day-types/${vacation.absenceTypeId}`, {
    body: { dayTypeId: 'vacation' },
    show: ({ status }: AbsenceType) => status,
  });
  await api('PUT', `${F}/day-types/${sick.absenceTypeId}`, {
    body: { create: { name: 'Baja', color: '#B03A2E', expectedMinutes: 0 } },
    show: ({ status }: AbsenceType) => status,
  });

  chapter('Holidays and absences are in the calendars, with the right expected minutes');
  const byProfile = new Map(
    (await everyEmployee(client)).flatMap((one) =>
      one.link === null ? [] : [[one.link.profileId, one] as const],
    ),
  );
  const leaves = await factorial<Leave[]>('GET', '/control/leaves?limit=5000');
  const holidays = await factorial<HolidayRow[]>('GET', '/control/holidays?limit=5000');
  const today = new Date().toISOString().slice(0, 10);
  const end = addDays(today, 80);
  const settled = await until('the days to be computed', 30_000, async () => {
    const checked = await compare();
    return checked.wrong === null && checked.holidays > 0 && checked.vacations > 0 ? checked : null;
  });
  print(
    `  ${settled.value.holidays} holidays and ${settled.value.vacations} days of vacation compared with Factorial: all right, after ${settled.tookMs} ms`,
  );

  async function compare(): Promise<{ holidays: number; vacations: number; wrong: string | null }> {
    const counted = { holidays: 0, vacations: 0, wrong: null as string | null };
    for (const [profileId, { employeeId }] of [...byProfile].slice(0, 12)) {
      const person = people.find((one) => one.id === profileId);
      if (person === undefined || person.terminated_on !== null) continue;
      for (const one of await calendar(employeeId, today, end)) {
        if (one.plannedMinutes === 0) continue;
        const off = holidays.some(
          (each) =>
            each.location_id === person.location_id && each.date === one.date && each.half_day === null,
        );
        const away = leaves.some(
          (each) =>
            each.employee_id === profileId &&
            each.leave_type_id === vacation?.absenceTypeId &&
            isWholeDay(each, one.date),
        );
        if (!off && !away) continue;
        if (off) counted.holidays += 1;
        else counted.vacations += 1;
        if (one.expectedMinutes !== 0) counted.wrong = `${employeeId}/${one.date}: ${one.expectedMinutes}`;
      }
    }
    return counted;
  }

  chapter('An absence is approved in Factorial: a webhook brings it into the calendar');
  const { workerId, worker, free } = await findSomebodyFree();
  const [absentDay, editedDay, lostDay] = free;
  if (absentDay === undefined || editedDay === undefined || lostDay === undefined)
    throw new Error('Three working days ahead are needed.');
  const asked = await factorial<Leave>('POST', '/control/leaves', {
    employee_id: workerId,
    start_on: absentDay.date,
    finish_on: absentDay.date,
    leave_type_id: vacation.absenceTypeId,
    approved: null,
  });
  await factorial('POST', '/control/deliveries/settle', { timeoutMs: 10_000 });
  await factorial('POST', `/control/leaves/${asked.id}/approve`, {});
  const seen = await until('the approved absence', 10_000, async () => {
    const now = await day(worker.employeeId, absentDay.date);
    return now?.expectedMinutes === 0 ? now : null;
  });
  print(
    `  ${worker.employeeId} ${absentDay.date}: ${absentDay.expectedMinutes} → ${seen.value.expectedMinutes} minutes (${seen.value.dayType.name}) after ${seen.tookMs} ms`,
  );
  expect(seen.tookMs <= 2_000, `the absence took ${seen.tookMs} ms, 2,000 are allowed`);
  await api('GET', `/api/employees/${worker.employeeId}/calendar/${absentDay.date}/explanation`, {
    show: ({ claims }: { claims: { kind: string; share: number; via: { type: string; id: string } }[] }) =>
      claims.map((one) => `${one.kind}, share ${one.share}, by ${one.via.type} ${one.via.id}`).join('; '),
  });

  chapter('The token is refreshed before it runs out');
  const renewed = await until('the refresh', 30_000, async () => {
    const now = await card();
    return now.tokenExpiresAt !== shortLived && now.tokenStatus === 'correct' ? now : null;
  });
  print(`  ran out at ${shortLived ?? '?'}, now lives until ${renewed.value.tokenExpiresAt ?? '?'}`);

  chapter(
    'A day edited by hand, a holiday deleted in Factorial, a delivery lost on the way: one reconciliation',
  );
  await api('PUT', `/api/employees/${worker.employeeId}/calendar/${editedDay.date}`, {
    body: { dayTypeId: 'remote', expectedMinutes: 300, note: 'agreed with the team' },
    show: ({ expectedMinutes, source }: Day) => `${expectedMinutes} minutes, ${source}`,
  });
  const place = people.find((one) => one.id === workerId)?.location_id;
  const shown = (await calendar(worker.employeeId, today, end)).find(
    ({ dayType, expectedMinutes }) => dayType.key === 'holiday' && expectedMinutes === 0,
  );
  const holiday = holidays.find((one) => one.location_id === place && one.date === shown?.date);
  if (holiday === undefined) throw new Error('A holiday on a working day ahead is needed.');
  await factorial('DELETE', `/control/holidays/${holiday.id}`);
  await factorial('POST', '/control/deliveries/lose', { count: 1, type: 'timeoff/leave/create' });
  const lost = await factorial<Leave>('POST', '/control/leaves', {
    employee_id: workerId,
    start_on: lostDay.date,
    finish_on: lostDay.date,
    leave_type_id: vacation.absenceTypeId,
    approved: true,
  });
  print(`  deleted the holiday of ${holiday.date}; lost the delivery about the absence ${lost.id}`);
  expect(
    (await day(worker.employeeId, lostDay.date))?.expectedMinutes !== 0,
    'the lost delivery should not have arrived',
  );
  const { id } = (
    await api<Reconciliation>('POST', `${F}/reconciliations`, {
      expect: 202,
      body: {},
      show: ({ status }: Reconciliation) => status,
    })
  ).body;
  const repaired = await reconciled(client, id);
  print(
    `  drift ${table(repaired.value.drift, ({ created, updated, deleted }) => `+${created} ~${updated} -${deleted}`)} in ${repaired.tookMs} ms`,
  );
  const [edited, formerHoliday, found] = [
    await day(worker.employeeId, editedDay.date),
    await day(worker.employeeId, holiday.date),
    await day(worker.employeeId, lostDay.date),
  ];
  expect(
    edited?.source === 'manual' && edited.expectedMinutes === 300,
    'the manual edit should have survived',
  );
  expect((formerHoliday?.expectedMinutes ?? 0) > 0, 'the deleted holiday should be a working day');
  expect(found?.expectedMinutes === 0, 'the lost absence should have been repaired');
  print(
    `  the edit of ${editedDay.date} stands, ${holiday.date} is a working day again, ${lostDay.date} is a day of vacation`,
  );

  chapter('The admin disconnects: data and links stay, credentials go');
  await api('POST', `${F}/disconnect`, { body: {}, expect: 202, show: brief });
  await until('the disconnect', 15_000, async () => ((await card()).status === 'disconnected' ? true : null));
  await until('our subscriptions to be removed', 15_000, async () =>
    (await factorial<unknown[]>('GET', '/control/subscriptions')).length === 0 ? true : null,
  );
  await api('POST', `${F}/authorization`, {
    body: {},
    expect: 409,
    show: ({ code }: { code: string }) => code,
  });
  const after = await everyEmployee(client);
  const mapped = (
    await api<{ items: AbsenceType[] }>('GET', `${F}/day-types?limit=200`, { quiet: true })
  ).body.items.filter((type) => type.status === 'mapped');
  expect(after.filter((one) => one.link !== null).length === 40, 'all links should be there');
  expect(mapped.length === 2, 'both mappings should be there');
  expect(
    (await day(worker.employeeId, absentDay.date))?.expectedMinutes === 0,
    'the calendar should be as it was',
  );
  print('  40 links, 2 mappings and all days are there; the subscriptions and the credentials are gone');

  return summarise(after.slice(0, 8));

  /** A person with three working days ahead on which nothing at all is asked for, and whose location has a holiday ahead. */
  async function findSomebodyFree(): Promise<{ workerId: string; worker: Employee; free: Day[] }> {
    for (const [workerId, worker] of byProfile) {
      if (people.find((person) => person.id === workerId)?.terminated_on !== null) continue;
      const isFree = ({ date, expectedMinutes, dayType }: Day): boolean =>
        expectedMinutes > 0 &&
        dayType.key === 'working_day' &&
        !leaves.some(
          (leave) =>
            leave.employee_id === workerId && leave.start_on <= date && (leave.finish_on ?? '9999') >= date,
        );
      const free = (await calendar(worker.employeeId, addDays(today, 7), addDays(today, 35))).filter(isFree);
      const hasHoliday = (await calendar(worker.employeeId, today, end)).some(
        ({ dayType, expectedMinutes }) => dayType.key === 'holiday' && expectedMinutes === 0,
      );
      if (free.length >= 3 && hasHoliday) return { workerId, worker, free };
    }
    throw new Error('Nobody has three free working days ahead.');
  }

  async function summarise(employees: readonly Employee[]): Promise<Record<string, string | number>[]> {
    const rows: Record<string, string | number>[] = [];
    for (const { employeeId, name } of employees) {
      const days = await calendar(employeeId, today, addDays(today, 30));
      const count = (key: string) => days.filter((one) => one.dayType.key === key).length;
      rows.push({
        employee: employeeId,
        name,
        'working days': count('working_day'),
        'days off': count('day_off'),
        holidays: count('holiday'),
        absences: days.filter((one) => one.dayType.key === null).length,
        'expected hours': Math.round(days.reduce((sum, one) => sum + one.expectedMinutes, 0) / 6) / 10,
      });
    }
    return rows;
  }
}

/** Waits for one reconciliation to end; null = the first. */
async function reconciled({ api }: DemoClient, id: string | null) {
  return until('the reconciliation', 90_000, async () => {
    const { items } = (await api<{ items: Reconciliation[] }>('GET', `${F}/reconciliations`, { quiet: true }))
      .body;
    const found = id === null ? items.at(-1) : items.find((one) => one.id === id);
    if (found?.status === 'failed') throw new Error('The reconciliation failed.');
    return found?.status === 'completed' || found?.status === 'awaiting_approval' ? found : null;
  });
}

async function everyEmployee({ api }: DemoClient): Promise<Employee[]> {
  const all: Employee[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const path: string = `${F}/employees?limit=200${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`;
    const { body }: { body: { items: Employee[]; nextCursor: string | null } } = await api('GET', path, {
      quiet: true,
    });
    all.push(...body.items);
    cursor = body.nextCursor;
  }
  return all;
}

/** What the admin does in the popup: opens the consent page and presses Approve. Answers where the browser is sent to. */
async function consent(authorizationUrl: string): Promise<string> {
  const page = await fetch(authorizationUrl);
  print(`  → GET ${new URL(authorizationUrl).origin}/oauth/authorize?…`);
  print(`  ← ${page.status} the consent page of Factorial`);
  const html = await page.text();
  const fields = [...html.matchAll(/<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"/g)].map(
    ([, name = '', value = '']): [string, string] => [name, unescapeHtml(value)],
  );
  const form = new URLSearchParams([
    ...fields.filter(([name]) => name !== 'decision'),
    ['decision', 'approve'],
  ]);
  const answer = await fetch(new URL('/oauth/authorize', authorizationUrl), {
    method: 'POST',
    body: form,
    redirect: 'manual',
  });
  const location = answer.headers.get('location');
  if (location === null) throw new Error(`Factorial answered ${answer.status} to the consent.`);
  return location;
}

const unescapeHtml = (text: string): string =>
  text
    .replaceAll('&amp;', '&')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>');

const isWholeDay = (leave: Leave, date: string): boolean =>
  leave.approved === true &&
  leave.deleted_at === null &&
  leave.half_day === null &&
  leave.hours_amount_in_cents === null &&
  leave.start_on <= date &&
  (leave.finish_on === null || date <= leave.finish_on);

const addDays = (date: string, days: number): string =>
  new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);

const brief = ({ status, tokenStatus }: Card): string =>
  `${status}${tokenStatus === null ? '' : `, token ${tokenStatus}`}`;

const table = <T>(values: Record<string, T>, text: (value: T) => string): string =>
  Object.entries(values)
    .map(([name, value]) => `${name} ${text(value)}`)
    .join(', ');

let chapters = 0;
function chapter(title: string): void {
  chapters += 1;
  print(`\n${chapters}. ${title}`);
}

function expect(isSo: boolean, otherwise: string): void {
  if (!isSo) throw new Error(`Not as it must be: ${otherwise}.`);
}
