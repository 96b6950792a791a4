import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { F, readCard, waitForReconciliation, waitForStatus } from '../support/story.ts';
import { waitFor } from '../support/wait-for.ts';
import { patchCard, see, tabPath, tabTo, wizardPath } from './support/page.ts';
import { findFaults, openSite, type Site } from './support/site.ts';
import { approveInPopup, popupOf, saveCredentials } from './support/wizard.ts';

/** The guide's story from the first visit to the disconnect, each test from where the one before has left it. */

const settings = tabPath('settings');

let site: Site;

beforeAll(async () => {
  site = await openSite();
}, 180_000);
afterEach(async () => await site.leave());
afterAll(async () => await site?.close());

/** On the step Connect, with the simulator's address entered. */
async function atConnect(options: Parameters<Site['visit']>[0] = {}) {
  const visit = await site.visit({ path: wizardPath, ...options });
  await visit.page.getByRole('heading', { name: 'Connect', exact: true }).waitFor();
  await visit.page.getByLabel('Factorial URL').fill(site.world.factorialUrl);
  return visit;
}

/** The next call of this kind gets `answer`; the ones after it are real again. */
async function failOnce(page: Page, path: string, status: number, code: string): Promise<void> {
  const body = { type: 'about:blank', title: '', status, detail: 'A detail.', code, requestId: 'request-1' };
  await page.route(
    `**${path}`,
    async (route) =>
      await route.fulfill({ status, contentType: 'application/problem+json', body: JSON.stringify(body) }),
    { times: 1 },
  );
}

describe('the credentials', () => {
  it('are entered after all that is needed for them was said, and lost by no failure', async () => {
    const { page } = await site.visit();
    await see(page, 'Not connected');
    expect(await findFaults(page)).toEqual([]);

    await page.getByRole('link', { name: 'Connect', exact: true }).click();
    for (const scope of ['Employees', 'Time off', 'Time tracking', 'Company holidays'])
      await see(page, scope);
    expect(await page.getByText('Factorial shows the secret only once').count()).toBe(1);
    const redirectUri = page.getByRole('textbox', { name: 'Redirect URI' });
    expect(await redirectUri.inputValue()).toBe(`${site.world.publicUrl}/api/Integration/factorial/Callback`);
    expect(await redirectUri.getAttribute('readonly')).not.toBeNull();
    expect(await findFaults(page)).toEqual([]);

    const save = page.getByRole('button', { name: 'Save', exact: true });
    await save.click();
    await see(page, 'Enter the Client ID that Factorial shows.');
    const { clientId, clientSecret } = site.world.application;
    await page.getByLabel('Client ID').fill(clientId);
    await page.getByRole('textbox', { name: 'Client secret' }).fill(clientSecret);
    for (const [status, code, sentence] of [
      [
        500,
        'internal_error',
        'Something went wrong on our side. Try again; if it stays, contact WorkMeter support.',
      ],
      [429, 'too_many_requests', 'Too many requests at once. Wait a moment and try again.'],
      [503, 'unavailable', 'WorkMeter cannot answer right now. Try again in a moment.'],
    ] as const) {
      await failOnce(page, `${F}/credentials`, status, code);
      await save.click();
      await see(page, sentence);
    }
    await page.getByLabel('Language').selectOption('ca');
    await see(page, 'WorkMeter no pot respondre ara. Torna-ho a provar d’aquí a un moment.');
    await page.getByLabel('Idioma').selectOption('en');
    expect(await page.getByLabel('Client ID').inputValue()).toBe(clientId);

    await save.click();
    await page.getByRole('heading', { name: 'Connect', exact: true }).waitFor();
    await waitForStatus(site.world, 'pending');
    expect(await page.content()).not.toContain(clientSecret);

    await page.getByRole('link', { name: 'Integrations' }).click();
    await see(page, 'Pending');
  }, 90_000);

  it('are never shown again', async () => {
    const { page } = await atConnect();
    await page.getByRole('button', { name: 'Change the credentials' }).click();

    await see(page, 'Credentials are saved already. Saving others replaces them.');

    expect(await page.getByRole('textbox', { name: 'Client secret' }).inputValue()).toBe('');
    await saveCredentials(page, site);
  });
});

describe('connecting', () => {
  it('names an address that is not Factorial’s', async () => {
    const { page } = await atConnect();
    await page.getByLabel('Factorial URL').fill('https://api.example.com');

    await page.getByRole('button', { name: 'Connect with Factorial' }).click();

    await see(page, 'The Factorial URL is not valid');
    expect(await page.getByLabel('Factorial URL').inputValue()).toBe('https://api.example.com');
    await waitFor('the popup to be closed', () => page.context().pages().length === 1);
    expect(await findFaults(page)).toEqual([]);
  });

  it('offers the page as a link where the browser blocks the popup, and hears of a denial there', async () => {
    const { page, context } = await atConnect();
    await page.evaluate('window.open = () => null');
    await page.getByRole('button', { name: 'Connect with Factorial' }).click();
    await see(page, 'The browser blocked the popup');
    expect(await findFaults(page)).toEqual([]);

    const opened = context.waitForEvent('page');
    await page.getByRole('link', { name: 'Open the authorization page' }).click();
    await (await opened).locator('#deny').click();

    await see(page, 'The authorization was denied in Factorial.');
    expect(await findFaults(page)).toEqual([]);
  });

  it('asks the card before it says that the window was closed, and a late success still wins', async () => {
    const { page, context } = await atConnect();
    await page.clock.install();
    await page.getByLabel('Authorize for').selectOption('Only the user who signs in');
    const popup = await popupOf(page);
    const address = popup.url();
    await popup.close();
    await see(page, 'The window was closed. Asking whether it is connected…');
    expect(await page.getByText('The window was closed before completion').count()).toBe(0);

    await page.clock.fastForward(5_000);
    await see(page, 'The window was closed before completion');
    expect(await page.getByRole('textbox', { name: 'Redirect URI' }).inputValue()).toContain(
      '/api/Integration/factorial/Callback',
    );
    expect(await findFaults(page)).toEqual([]);

    const late = await context.newPage();
    await late.goto(address);
    await late.locator('#approve').click();
    await late.waitForURL(/\/Callback/);
    await page.getByRole('heading', { name: 'Factorial is connected' }).waitFor();
    expect((await readCard(site.world)).tokenOwner).toBe('user');

    await late.reload();
    await see(late, 'The authorization has expired');
    await site.world.admin('POST', `${F}/disconnect`, {}, 202);
    await waitForStatus(site.world, 'disconnected', 60_000);
  }, 90_000);

  it('shows the redirect URI after 15 s, and gives up when the time is over', async () => {
    const { world } = site;
    await world.admin('PUT', `${F}/credentials`, world.application, 202);
    const { page } = await atConnect();
    await page.clock.install();
    await popupOf(page);
    await see(page, 'Waiting for you to authorize WorkMeter in the Factorial window…');
    expect(await page.getByRole('textbox', { name: 'Redirect URI' }).count()).toBe(0);

    await page.clock.fastForward(15_000);
    await page.getByRole('textbox', { name: 'Redirect URI' }).waitFor();
    await page.clock.fastForward(600_000);

    await see(page, 'The authorization has expired');
    expect(await findFaults(page)).toEqual([]);
  }, 60_000);

  it('ends on what is connected and how far the first synchronization is', async () => {
    await site.world.factorial('PUT', 'switches', { companyTokenShape: 'full' });
    const { page } = await atConnect();
    await page.getByLabel('Authorize for').selectOption('The whole company');
    await approveInPopup(await popupOf(page));

    await page.getByRole('heading', { name: 'Factorial is connected' }).waitFor();
    expect((await readCard(site.world)).tokenOwner).toBe('company');
    await see(page, 'Token: Correct');
    await see(page, 'Errors (7d): 0');
    await see(page, '40 of 40');
    await waitForReconciliation(site.world, (await readCard(site.world)).lastReconciliation?.id);
    // One that begins at once, for whatever reason, does not take the place of the news.
    await site.world.admin('POST', `${F}/reconciliations`, {}, 202);
    await page.getByText('Everything is read and verified').waitFor();
    expect(await page.getByRole('progressbar', { name: 'Employees' }).getAttribute('aria-valuetext')).toBe(
      '40 of 40',
    );
    expect(await findFaults(page)).toEqual([]);

    await page.getByRole('link', { name: 'Integrations' }).click();
    await see(page, 'Connected');
    await page.getByText(/^Last verified /).waitFor();
    expect(await findFaults(page)).toEqual([]);
  }, 120_000);

  it('refuses a second connection', async () => {
    const pending = { status: 'pending', warnings: [] };
    const prepare = (one: Page) => patchCard(one, site.world, pending);
    const { page } = await site.visit({ path: wizardPath, prepare });
    await page.getByRole('button', { name: 'Connect with Factorial' }).click();

    await see(page, 'Factorial is already connected. Disconnect first to start a new connection.');
    expect(await findFaults(page)).toEqual([]);
  });
});

describe('the settings', () => {
  it('say that the connection has expired, reauthorize it in the popup, and say that this has worked', async () => {
    const { world } = site;
    const { page } = await site.visit({ path: settings });
    await world.factorial('POST', 'tokens/revoke-all', {});
    await world.admin('POST', `${F}/reconciliations`, {}, 202);
    await see(page, 'The connection with Factorial has expired');
    await see(page, 'Expired');
    await see(page, 'Token: Invalid or expired');
    expect(await findFaults(page)).toEqual([]);
    await world.factorial('PUT', 'switches', { companyTokenShape: 'bare' }); // the new token needs no refreshing

    await approveInPopup(await popupOf(page, 'Reauthorize'));

    await see(page, 'WorkMeter is authorized again');
    await see(page, 'Connected');
    expect((await readCard(world)).warnings).toEqual([]);
    expect(await findFaults(page)).toEqual([]);
  }, 60_000);

  it('reauthorize also while all is well, and tell an attempt that was denied', async () => {
    const { page } = await site.visit({ path: settings });
    const denied = await popupOf(page, 'Reauthorize');
    await denied.locator('#deny').click();
    await see(page, 'The authorization was denied in Factorial.');
    await denied.close();

    await approveInPopup(await popupOf(page, 'Reauthorize'));

    await see(page, 'WorkMeter is authorized again');
    expect((await readCard(site.world)).warnings).toEqual([]);
  }, 90_000);

  it('replace the credentials', async () => {
    const { world } = site;
    const { clientId } = world.application;
    const { page } = await site.visit({ path: settings });
    const rotated = await world.factorial<{ secret: string }>('POST', 'applications', {
      clientId,
      rotateSecret: true,
    });

    await page.getByRole('button', { name: 'Replace credentials' }).click();
    await page.getByLabel('Client ID').fill(clientId);
    await page.getByRole('textbox', { name: 'Client secret' }).fill(rotated.secret);
    await page.getByRole('button', { name: 'Replace', exact: true }).click();

    await see(page, 'The credentials were replaced.');
    expect(await page.content()).not.toContain(rotated.secret);
    await world.factorial('POST', 'applications', { clientId, secret: world.application.clientSecret });
  });

  it('change what is synchronized and when, and keep what is typed when it cannot be saved', async () => {
    const { page } = await site.visit({ path: settings });
    await page.getByLabel('is only shown, for you to decide').check();
    await page.getByLabel('Nightly reconciliation').selectOption('4');
    await page.getByLabel('Days ahead').fill('120');
    await page.getByLabel('and more than (records)').fill('7');
    await page.getByLabel('Friday').fill('6.5');
    expect(await findFaults(page)).toEqual([]);

    const save = page.getByRole('button', { name: 'Save', exact: true }).first();
    await failOnce(page, `${F}/settings`, 500, 'internal_error');
    await save.click();
    await page.getByRole('alert').filter({ hasText: 'Something went wrong on our side.' }).waitFor();
    await page.getByText('request-1').waitFor();
    await save.click();
    await see(page, 'Saved');

    expect((await site.world.admin('GET', `${F}/settings`)).body).toMatchObject({
      onboarding: 'suggest',
      nightlyHour: 4,
      horizonDaysAhead: 120,
      deletionBrake: { percent: 10, count: 7 },
      defaultWeekMinutes: [480, 480, 480, 480, 390, 0, 0],
    });

    await page.getByLabel('Time zone').first().fill('Canary');
    await page.getByRole('option', { name: 'Atlantic/Canary' }).click();
    await page.getByRole('button', { name: 'Save', exact: true }).last().click();
    await page.getByText('You have changes that are not saved.').first().waitFor({ state: 'detached' });
    expect((await site.world.admin('GET', '/api/tenant')).body).toMatchObject({
      name: 'Acme',
      timeZone: 'Atlantic/Canary',
    });
  }, 60_000);

  it('say what is kept and what is deleted before they disconnect', async () => {
    const { page } = await site.visit({ path: settings });
    const open = page.getByRole('button', { name: 'Disconnect' });
    await open.click();
    const dialog = page.getByRole('dialog', { name: 'Disconnect Factorial?' });
    await dialog.getByText('the links between employees and Factorial profiles').waitFor();
    await dialog.getByText('the OAuth credentials (Client ID and Client secret)').waitFor();
    expect(await findFaults(page)).toEqual([]);

    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect((await readCard(site.world)).status).toBe('connected');
    await open.click();
    await dialog.getByRole('button', { name: 'Disconnect' }).click();

    await waitForStatus(site.world, 'disconnected', 60_000);
    await see(page, 'Disconnected');
    expect(await findFaults(page)).toEqual([]);
  }, 60_000);
});

it('connects again in Spanish, with the keyboard only', async () => {
  const { page, context } = await site.visit({ locale: 'es' });
  const reach = (name: string, role: 'link' | 'button' | 'textbox'): Promise<void> =>
    tabTo(page, page.getByRole(role, { name, exact: true }));

  await reach('Conectar', 'link');
  await page.keyboard.press('Enter');
  await reach('Client ID', 'textbox');
  await page.keyboard.type(site.world.application.clientId);
  await reach('Client secret', 'textbox');
  await page.keyboard.type(site.world.application.clientSecret);
  await page.keyboard.press('Enter');
  await reach('URL de Factorial', 'textbox');
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.type(site.world.factorialUrl);
  await reach('Conectar con Factorial', 'button');
  const opened = context.waitForEvent('page');
  await page.keyboard.press('Enter');
  const popup = await opened;
  await popup.locator('#approve').waitFor();
  await popup.locator('#approve').press('Enter');

  await page.getByRole('heading', { name: 'Factorial está conectado' }).waitFor();
  await see(page, 'Token: Correcto');
  await see(page, 'Primera sincronización');
  expect(await page.evaluate('document.documentElement.lang')).toBe('es');
  expect(await findFaults(page)).toEqual([]);
}, 90_000);
