import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { startTestServers } from '../support/servers.ts';
import {
  linkEverybody,
  mapAbsenceTypes,
  waitForReconciliation,
  waitUntilComputed,
} from '../support/story.ts';
import { tabPath } from './support/page.ts';
import { openSite, type Site } from './support/site.ts';
import { approveInPopup, popupOf, saveCredentials } from './support/wizard.ts';

/** `npm run screenshots`: plays the guide on real parts and writes each screen into docs/screens/. */

const folder = fileURLToPath(new URL('../../docs/screens/', import.meta.url));

async function play(site: Site): Promise<void> {
  const { page } = await site.visit();
  await page.getByRole('link', { name: 'Connect', exact: true }).waitFor();
  await shoot(page, 'integrations');
  await page.getByRole('link', { name: 'Connect', exact: true }).click();
  await page.getByLabel('Client secret').first().waitFor();
  await shoot(page, 'wizard-credentials');
  await saveCredentials(page, site);
  await page.getByLabel('Factorial URL').fill(site.world.factorialUrl);
  await shoot(page, 'wizard-connect');
  const popup = await popupOf(page);
  await shoot(page, 'wizard-waiting');
  await approveInPopup(popup);
  await page.getByRole('heading', { name: 'Factorial is connected' }).waitFor();
  await page.getByText('Everything is read').waitFor();
  await shoot(page, 'wizard-connected');

  const { world } = site;
  await waitForReconciliation(world);
  await shootTab(site, 'employees');
  await shootTab(site, 'day-types');
  await linkEverybody(world);
  await mapAbsenceTypes(world);
  await waitUntilComputed(world);
  await shootCalendar(site);
  await shootTab(site, 'activity');
  await shootSettings(site);
}

async function shootTab(site: Site, tab: string): Promise<Page> {
  const { page } = await site.visit({ path: tabPath(tab) });
  await page.getByRole('tabpanel').waitFor();
  await shoot(page, tab, { fullPage: tab === 'settings' });
  return page;
}

/** The next one who is on vacation, so that there is something to explain. */
async function shootCalendar(site: Site): Promise<void> {
  const { db, tenantId } = site.world;
  const day = await db.calendarDay.findFirstOrThrow({
    where: { tenantId, dayTypeId: 'vacation', date: { gte: new Date() } },
    orderBy: [{ date: 'asc' }, { employeeId: 'asc' }],
  });
  const path = tabPath(`calendar?employee=${day.employeeId}`);
  const { page } = await site.visit({ path });
  await page.getByRole('grid').waitFor();
  const date = day.date.toISOString().slice(0, 10);
  const cell = page.locator(`[data-date="${date}"]`);
  while ((await cell.count()) === 0) await page.getByRole('button', { name: 'Next month' }).click();
  await shoot(page, 'calendar');
  await cell.click();
  await page.getByText('Why is it like this?').waitFor();
  await shoot(page, 'calendar-day', { fullPage: false });

  const narrow = await site.visit({ path, width: 360, colorScheme: 'dark', locale: 'ca' });
  await narrow.page.getByRole('grid').waitFor();
  await shoot(narrow.page, 'calendar-phone-dark-ca');
}

async function shootSettings(site: Site): Promise<void> {
  const page = await shootTab(site, 'settings');
  await page.getByRole('button', { name: 'Disconnect' }).click();
  await page.getByRole('dialog').waitFor();
  await shoot(page, 'disconnect', { fullPage: false });

  const narrow = await site.visit({ width: 360, colorScheme: 'dark', locale: 'es' });
  await narrow.page.getByText('Conectado', { exact: true }).waitFor();
  await shoot(narrow.page, 'integrations-phone-dark-es');
}

/** Until nothing is loading any more. */
async function settle(page: Page): Promise<void> {
  await page.waitForLoadState('networkidle');
  await page.locator('[aria-busy="true"]').first().waitFor({ state: 'detached' });
}

async function shoot(page: Page, name: string, { fullPage = true } = {}): Promise<void> {
  await settle(page);
  const path = join(folder, `${name}.png`);
  await page.screenshot({ path, fullPage, animations: 'disabled', caret: 'hide' });
  process.stdout.write(`docs/screens/${name}.png\n`);
}

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const servers = await startTestServers();
process.env['TEST_SERVERS_URL'] = servers.url; // oxlint-disable-line node/no-process-env -- what jest's set-up does
try {
  const site = await openSite();
  try {
    await play(site);
  } finally {
    await site.close();
  }
} finally {
  await servers.stop();
}
