import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { Page } from 'playwright-core';
import {
  connect,
  F,
  readAbsenceTypes,
  readDay,
  readEmployees,
  waitForReconciliation,
  waitUntilComputed,
} from '../support/story.ts';
import { waitFor } from '../support/wait-for.ts';
import { recordTasks } from './support/main-thread.ts';
import { tabPath, tabTo } from './support/page.ts';
import { findFaults, openSite, type Site, type VisitOptions } from './support/site.ts';

let site: Site;

/** One connected company for all tabs; the tests go on where the ones before stopped. */
beforeAll(async () => {
  site = await openSite();
  await connect(site.world);
  await waitForReconciliation(site.world);
  await waitUntilComputed(site.world);
}, 240_000);
afterEach(async () => await site.leave());
afterAll(async () => await site?.close());

const todayInMadrid = (): string => new Date().toLocaleDateString('en-CA', { timeZone: 'Europe/Madrid' });

async function openTab(tab: string, options: VisitOptions = {}): Promise<Page> {
  const { page } = await site.visit({ path: tabPath(tab), ...options });
  await page.getByRole('tabpanel').waitFor();
  return page;
}

it('links an employee by a suggestion, by hand and not to a taken profile, and unlinks with a warning', async () => {
  const [first, second, third] = (await readEmployees(site.world)).filter(({ suggestion }) => suggestion);
  if (!first || !second || !third) throw new Error('the seed suggests nobody');
  const page = await openTab('employees');

  await page.getByRole('button', { name: `Accept the suggestion for ${first.name}` }).click();
  await page.getByRole('button', { name: `Unlink ${first.name}` }).waitFor();
  await page.getByRole('button', { name: `Choose the profile of ${second.name}` }).click();
  await page.getByRole('combobox', { name: 'Search in Factorial' }).fill(first.name);
  const taken = page.getByRole('option', { name: `Already linked to ${first.name}` });
  await taken.waitFor();

  expect(await taken.getAttribute('aria-disabled')).toBe('true');

  await page.getByRole('combobox', { name: 'Search in Factorial' }).fill(third.name);
  await page.getByRole('option', { name: third.name }).click();
  await page.getByText(`${second.name} is linked to ${third.name}.`).waitFor();
  await page.getByRole('button', { name: `Unlink ${second.name}` }).click();
  const dialog = page.getByRole('dialog', { name: `Unlink ${second.name}?` });
  await dialog.getByText('Days edited by hand stay').waitFor();
  await dialog.getByRole('button', { name: 'Unlink', exact: true }).click();
  await dialog.waitFor({ state: 'detached' });

  const after = await readEmployees(site.world);
  expect(after.find(({ employeeId }) => employeeId === first.employeeId)?.link).not.toBeNull();
  expect(after.find(({ employeeId }) => employeeId === second.employeeId)?.link).toBeNull();
});

it('accepts all suggestions together and says which were refused and why', async () => {
  const page = await openTab('employees');
  await page.getByRole('button', { name: 'Accept all…' }).click();
  const [taken, holder] = (await readEmployees(site.world)).filter(({ suggestion }) => suggestion);
  // Meanwhile somebody else gives the profile to another employee.
  const profileId = taken?.suggestion?.profileId;
  await site.world.admin('PUT', `${F}/employees/${holder?.employeeId}/link`, { profileId }, 200);

  const dialog = page.getByRole('dialog', { name: 'Accept all suggestions' });
  await dialog.getByRole('button', { name: /^Link \d+ employees$/ }).click();

  await dialog.getByText(`${taken?.name}: Already linked to ${holder?.name}`).waitFor();
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  await page.getByText(/^Linked · /).click();
  const linked = (await readEmployees(site.world)).filter(({ link }) => link !== null);
  await page.getByText(`${linked.length} of`).waitFor();
  expect(linked.length).toBeGreaterThan(30);
  expect(await findFaults(page)).toEqual([]);
});

it('says what a decision about an absence type changes before it does, and warns while one is open', async () => {
  const page = await openTab('day-types');
  await page
    .getByText('As long as there are day types to be mapped, those absences will not be synchronized.')
    .waitFor();

  await page.getByRole('button', { name: 'Decide what Vacaciones means' }).click();
  await page.getByRole('combobox', { name: 'Day type' }).selectOption('vacation');
  await page.getByText(/\d+ absences of \d+ people: \d+ days change/).waitFor();
  await page.getByRole('button', { name: 'Confirm' }).click();
  await page.getByRole('button', { name: 'Change what Vacaciones means' }).waitFor();

  await page.getByRole('button', { name: 'Decide what Visita médica means' }).click();
  await page.getByRole('radio', { name: /A new day type/ }).check();
  await page.getByRole('textbox', { name: 'Expected hours per day' }).fill('1,5');
  await page.getByLabel('Color', { exact: true }).fill('#5d8cff');
  await page.getByText(/days change/).waitFor();
  expect(await findFaults(page)).toEqual([]);
  await page.getByRole('button', { name: 'Confirm' }).click();
  await page.getByRole('button', { name: 'Change what Visita médica means' }).waitFor();

  const types = await readAbsenceTypes(site.world);
  expect(types.find(({ name }) => name === 'Visita médica')).toMatchObject({
    status: 'mapped',
    dayType: { expectedMinutes: 90 },
  });

  await page.getByRole('button', { name: 'Decide what Mudanza means' }).click();
  await page.getByRole('radio', { name: /ignore it/ }).check();
  await page.getByRole('button', { name: 'Confirm' }).click();
  await page.getByRole('button', { name: 'Change what Mudanza means' }).click();
  await page.getByRole('radio', { name: /Not decided yet/ }).check();
  await page.getByRole('button', { name: 'Confirm' }).click();
  await page.getByRole('button', { name: 'Decide what Mudanza means' }).waitFor();
});

it('lists an absence type as soon as the first absence of it comes, while one is looking', async () => {
  const { factorial } = site.world;
  const page = await openTab('day-types');
  await page.getByRole('button', { name: 'Change what Vacaciones means' }).waitFor();
  const [person] = await factorial<{ id: string }[]>('GET', 'employees');
  const { id } = await factorial<{ id: string }>('POST', 'leave_types', { name: 'Sabático', silent: true });

  const leave = { employee_id: person?.id, leave_type_id: id, start_on: todayInMadrid(), approved: true };
  await factorial('POST', 'leaves', leave);

  await page.getByRole('button', { name: 'Decide what Sabático means' }).waitFor();
  const row = page.getByRole('listitem').filter({ hasText: 'Sabático' });
  expect(await row.textContent()).toContain('Waiting: 1 absence of 1 person');
});

it('edits a day by keyboard alone, shows why it is so, and takes the edit back', async () => {
  await waitUntilComputed(site.world);
  const employee = (await readEmployees(site.world)).find(({ link }) => link !== null);
  const employeeId = employee?.employeeId ?? '';
  const page = await openTab('calendar');
  const today = todayInMadrid();

  await page.getByRole('combobox', { name: 'Search employees' }).focus();
  await page.keyboard.type(employee?.name ?? '');
  await page.getByRole('listbox').getByRole('option').first().waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: employee?.name ?? '' }).waitFor();
  const grid = page.getByRole('grid');
  await tabTo(page, grid.locator(`[data-date="${today}"]`));
  await page.keyboard.press('PageDown');
  await page.keyboard.press('ArrowRight');
  const date = await grid.locator('button:focus').getAttribute('data-date');
  await page.keyboard.press('Enter');
  await page.getByText('Why is it like this?').waitFor();
  await tabTo(page, page.getByRole('button', { name: 'Edit this day…' }));
  await page.keyboard.press('Enter');
  await tabTo(page, page.getByRole('textbox', { name: 'Expected hours' }));
  await page.keyboard.type('3:20');
  await page.keyboard.press('Enter');
  await page.getByText('Edited by hand: 3 h 20 min').waitFor();

  expect((await readDay(site.world, employeeId, date ?? ''))?.expectedMinutes).toBe(200);
  expect(await page.getByText(/^Without the edit:/).count()).toBe(1);

  await tabTo(page, page.getByRole('button', { name: 'Take the edit back' }));
  await page.keyboard.press('Enter');
  await tabTo(page, page.getByRole('button', { name: 'Take it back' }));
  await page.keyboard.press('Enter');
  await page.getByText('Edited by hand: 3 h 20 min').waitFor({ state: 'detached' });
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });

  expect((await readDay(site.world, employeeId, date ?? ''))?.source).not.toBe('manual');
  expect(await grid.locator('button:focus').getAttribute('data-date')).toBe(date);
  expect(await findFaults(page)).toEqual([]);
});

it('begins with today where the account is, whatever day it is where the browser is', async () => {
  const path = tabPath('calendar?employee=e1');
  const today = todayInMadrid();
  const afterMidnight = Date.parse(`${today}T00:00:00Z`) - 30 * 60_000; // half past midnight there, or an hour later
  const { page } = await site.visit({
    path,
    timeZone: 'America/Los_Angeles',
    prepare: (one) => one.clock.install({ time: afterMidnight }),
  });
  const marked = page.locator('.day-cell[aria-current="date"]');
  await marked.waitFor();

  expect(await page.evaluate('new Date().toLocaleDateString("en-CA")')).not.toBe(today);
  expect(await marked.getAttribute('data-date')).toBe(today);
});

it('shows a webhook as it comes, reconciles on request, holds deletions back and carries a decision out', async () => {
  const gone = await site.world.factorial<{ id: string }[]>('GET', 'employees');
  const page = await openTab('activity');
  await page.getByRole('heading', { name: 'Activity', level: 2 }).waitFor();
  const leave = {
    employee_id: gone.at(-1)?.id,
    start_on: new Date().toISOString().slice(0, 10),
    leave_type: 'holiday',
    approved: true,
  };
  await site.world.factorial('POST', 'leaves', leave);
  await page
    .getByText(/arrived by webhook/)
    .first()
    .waitFor();
  for (const { id } of gone.slice(0, 5)) await site.world.factorial('DELETE', `employees/${id}?silent=true`);

  await page.getByRole('button', { name: 'Reconcile now' }).click();
  const waiting = page.getByRole('region', { name: /deletions wait for your decision/ });
  await waiting.waitFor();
  await waiting.getByText(/^Employees: \d+ of/).click();

  expect(await waiting.getByRole('listitem').count()).toBeGreaterThanOrEqual(5);
  expect(await findFaults(page)).toEqual([]);

  await waiting.getByRole('button', { name: 'Delete them…' }).click();
  const dialog = page.getByRole('dialog', { name: /^Delete \d+ entries\?$/ });
  await dialog.getByText('Days edited by hand stay').waitFor();
  await dialog.getByRole('button', { name: /^Delete \d+$/ }).click();
  await waiting.waitFor({ state: 'detached' });
  await waitFor('the profiles to be gone', async () => {
    const { body } = await site.world.admin<{ items: { profileId: string }[] }>(
      'GET',
      `${F}/profiles?limit=200`,
    );
    return body.items.every(({ profileId }) => !gone.slice(0, 5).some(({ id }) => id === profileId));
  });
}, 90_000);

it('says what failed and why, and tries it again after showing what that takes', async () => {
  const { db, tenantId } = site.world;
  const absence = await db.absence.findFirstOrThrow({ where: { tenantId, deletedAt: null } });
  const failure = { resource: 'absences', firstAt: new Date(), lastAt: new Date(), status: 'open' };
  await db.failure.createMany({
    data: [
      { ...failure, code: 'factorial_unreachable', message: 'Status 503.', factorialId: absence.id },
      { ...failure, code: 'unknown_value', message: 'half_day', factorialId: '999' },
    ].map((row) => ({ ...row, tenantId, id: randomUUID() })),
  });
  const page = await openTab('activity');

  await page.getByRole('combobox', { name: 'Reason' }).selectOption('factorial_unreachable');
  await page.getByText('Absence 999').waitFor({ state: 'detached' });
  await page.getByRole('checkbox', { name: `Choose Absence ${absence.id}` }).check();
  await page.getByRole('button', { name: 'Try chosen again (1)…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Try again' });
  await dialog.getByText(`Absence ${absence.id}`).waitFor();
  await dialog.getByRole('button', { name: 'Try 1 again' }).click();
  await dialog.getByText('1 of 1: 1 in step again, 0 failed again.').waitFor();
  expect(await findFaults(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Close' }).last().click();

  await page.getByText('No failure matches.').waitFor();
});

it('shows five thousand employees with a hundred rows at most and scrolls without a long task', async () => {
  const { db, tenantId } = site.world;
  await db.employee.createMany({
    data: Array.from({ length: 5_000 }, (_, index) => ({
      tenantId,
      id: `many-${index}`,
      name: `Person ${String(index).padStart(4, '0')}`,
      email: `person.${index}@acme.example`,
      emailKey: `person.${index}@acme.example`,
      createdBy: 'time@work',
    })),
  });
  const page = await openTab('employees');
  await page.getByText(/^5,0\d\d of 5,0\d\d employees$/).waitFor({ timeout: 60_000 });
  await page.waitForLoadState('networkidle');
  const rows = page.getByRole('table').getByRole('row');
  let mostRows = 0;
  const scroll = async (): Promise<void> => {
    await page.mouse.move(500, 500);
    await page.evaluate('window.scrollTo(0, 0)');
    for (let turn = 0; turn < 20; turn += 1) {
      await page.mouse.wheel(0, turn < 12 ? 900 : 40_000);
      await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
      mostRows = Math.max(mostRows, await rows.count());
    }
  };

  // Three rounds: a collection of garbage may fall into one, rows that are too heavy are in all.
  const longest: number[] = [];
  while (longest.length < 3 && !longest.some((ms) => ms < 50)) {
    const tasks = await recordTasks(page, scroll);
    expect(tasks.length).toBeGreaterThan(30);
    longest.push(Math.max(...tasks));
  }

  expect(mostRows).toBeGreaterThan(5);
  expect(mostRows).toBeLessThanOrEqual(100);
  expect(Math.min(...longest)).toBeLessThan(50);

  await page.getByRole('searchbox', { name: 'Search' }).fill('person 4999');
  await page.getByText(/^1 of 5,0\d\d employees$/).waitFor();
}, 120_000);
