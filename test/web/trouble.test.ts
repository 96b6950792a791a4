import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { warningCodes, warningTexts } from '../../domain/warnings.ts';
import { F, connect, readCard, waitForReconciliation } from '../support/story.ts';
import { waitFor } from '../support/wait-for.ts';
import { findFaults, openSite, type Site } from './support/site.ts';

/** What the screens say when something is wrong: with the connection, the session, the network or the service. */

const settings = '/integrations/factorial/settings/settings';
const since = '2026-11-20T08:00:00.000Z';

let site: Site;

beforeAll(async () => {
  site = await openSite({ seed: { people: 5, absences: 10, locations: 1 } });
  await connect(site.world);
  await waitForReconciliation(site.world);
}, 180_000);
afterEach(async () => await site.leave());
afterAll(async () => await site?.close());

const see = async (page: Page, text: string): Promise<void> =>
  await page.getByText(text, { exact: true }).filter({ visible: true }).first().waitFor();

/** A visitor who sees the card with some fields changed, as if that had happened. */
async function visitCard(path: string, changes: object): Promise<Page> {
  const { page } = await site.visit({ path, token: null });
  const card = { ...(await readCard(site.world)), ...changes };
  await page.route(`**${F}`, (route) => route.fulfill({ json: card }));
  await page.goto(`${site.world.publicUrl}${path}#token=${site.world.bearerTokens[0]}`);
  await page.reload();
  return page;
}

const warning = (code: keyof typeof warningTexts) => ({ code, since, ...warningTexts[code] });

describe('the card', () => {
  it('says each warning with its cause, since when, and one action', async () => {
    const warnings = warningCodes.map(warning);
    const page = await visitCard('/integrations', { warnings, warning: warnings[0] });
    await see(page, 'The connection with Factorial has expired');

    const region = page.getByRole('region', { name: 'What needs your attention' });
    for (const { message } of warnings)
      expect(await region.getByText(message, { exact: true }).count()).toBe(1);
    expect(await region.getByText('Since 20 Nov 2026, 09:00').count()).toBe(warnings.length);
    const actions = region
      .locator('button, a')
      .or(region.getByText('Nothing to do: it is tried again by itself'));
    expect(await actions.count()).toBe(warnings.length);
    expect(await findFaults(page)).toEqual([]);
  }, 60_000);

  it.each([
    ['refresh_recommended', 'connected', 'Token: Refresh recommended'],
    ['invalid_or_expired', 'expired', 'Token: Invalid or expired'],
  ])('says the token status %s', async (tokenStatus, status, text) => {
    const page = await visitCard('/integrations', { status, tokenStatus, errors7d: 3 });

    await see(page, text);
    await see(page, status === 'expired' ? 'Expired' : 'Connected');
    expect(await page.getByText('Errors (7d): 3').count()).toBe(1);
    expect(await findFaults(page)).toEqual([]);
  });

  it('has actions that do what they say', async () => {
    const codes = [
      'credentials_invalid',
      'redirect_uri_mismatch',
      'sweep_unstable',
      'company_already_connected',
    ] as const;
    const page = await visitCard('/integrations', { warnings: codes.map(warning) });

    await page.getByRole('button', { name: 'Compare the redirect URI' }).click();
    await page.getByRole('textbox', { name: 'Redirect URI of WorkMeter' }).waitFor();
    const support = page.getByRole('link', { name: 'Contact WorkMeter support' });
    expect(await support.getAttribute('href')).toBe('https://help.workmeter.com');
    const before = (await readCard(site.world)).lastReconciliation?.id;
    await page.getByRole('button', { name: 'Reconcile now' }).click();
    await see(page, 'WorkMeter compares everything with Factorial now.');
    await waitFor(
      'it to have begun',
      async () => (await readCard(site.world)).lastReconciliation?.id !== before,
      30_000,
    );
    await page.getByRole('button', { name: 'Replace credentials' }).click();

    await page.getByRole('textbox', { name: 'Client secret' }).waitFor();
  }, 60_000);
});

describe('who may not', () => {
  it('sees no card without the feature time@work', async () => {
    const token = await site.world.makeToken({ tenant: 'acme', roles: ['admin'], features: [] });
    const { page } = await site.visit({ token });

    await see(page, 'Contact your WorkMeter account manager.');

    expect(await page.getByText('Factorial', { exact: true }).count()).toBe(0);
    expect(await findFaults(page)).toEqual([]);
  });

  it('is told that the role does not allow it', async () => {
    const token = await site.world.makeToken({ tenant: 'acme', roles: ['service'] });
    const { page } = await site.visit({ token });

    await see(page, 'Your role does not allow this. Ask an administrator of your account.');

    expect(await page.getByRole('article').count()).toBe(0);
  });

  it('is asked to come from WorkMeter without a token', async () => {
    const { page } = await site.visit({ token: null });

    await page.getByRole('heading', { name: 'Open this page from WorkMeter' }).waitFor();

    expect(await findFaults(page)).toEqual([]);
  });
});

describe('the session', () => {
  it('takes the token out of the address, keeps it over a reload, and nowhere else', async () => {
    const { page } = await site.visit();
    await see(page, 'Connected');
    expect(new URL(page.url()).hash).toBe('');

    await page.reload();

    await see(page, 'Connected');
    expect(await page.evaluate('Object.keys(localStorage).join()')).toBe('workmeter.language');
  });

  it('that ends takes nothing away, and goes on with the token that the host page hands over', async () => {
    const { page } = await site.visit({ path: settings });
    await page.getByLabel('Days ahead').fill('101');
    const old = {
      type: 'token',
      token: await site.world.makeToken({ tenant: 'acme', roles: ['admin'], expiresInSeconds: -10 }),
    };
    await page.evaluate(`window.postMessage(${JSON.stringify(old)}, location.origin)`);
    await see(page, 'Your session has ended');
    await page.getByRole('button', { name: 'Save', exact: true }).first().click();
    await page
      .getByRole('alert')
      .filter({ hasText: 'Open this page again from WorkMeter.' })
      .first()
      .waitFor();
    expect(await page.getByLabel('Days ahead').inputValue()).toBe('101');
    expect(await findFaults(page)).toEqual([]);

    const fresh = { type: 'token', token: site.world.bearerTokens[0] };
    await page.evaluate(`window.postMessage(${JSON.stringify(fresh)}, location.origin)`);
    await page.getByText('Your session has ended', { exact: true }).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Save', exact: true }).first().click();

    await see(page, 'Saved');
    expect((await site.world.admin('GET', `${F}/settings`)).body).toMatchObject({ horizonDaysAhead: 101 });
  }, 60_000);
});

describe('the service', () => {
  it('that answers slowly shows what will come', async () => {
    const { page } = await site.visit({ token: null });
    let answer = (): void => {};
    const held = new Promise<void>((resolve) => {
      answer = resolve;
    });
    await page.route(`**${F}`, async (route) => {
      await held;
      await route.continue();
    });
    await page.goto(`${site.world.publicUrl}/integrations#token=${site.world.bearerTokens[0]}`);
    await page.reload();
    await page.getByText('Loading…').waitFor({ state: 'attached' });
    expect(await findFaults(page)).toEqual([]);

    answer();

    await see(page, 'Connected');
  });

  it('that is away is said, with a way on, and what was there stays', async () => {
    const { page } = await site.visit();
    await see(page, 'Connected');
    await site.world.stop('api');
    await see(page, 'No connection to WorkMeter');
    expect(await page.getByText('Token: Correct').count()).toBe(1);
    expect(await findFaults(page)).toEqual([]);

    await site.world.start('api');

    await page.getByText('No connection to WorkMeter', { exact: true }).waitFor({ state: 'detached' });
  }, 90_000);

  it('that fails at first offers to try again', async () => {
    const { page } = await site.visit({ token: null });
    const problem = {
      type: 'about:blank',
      title: '',
      status: 500,
      detail: '',
      code: 'internal_error',
      requestId: 'request-7',
    };
    let failing = true;
    await page.route(`**${F}`, async (route) =>
      failing
        ? await route.fulfill({
            status: 500,
            contentType: 'application/problem+json',
            body: JSON.stringify(problem),
          })
        : await route.continue(),
    );
    await page.goto(`${site.world.publicUrl}/integrations#token=${site.world.bearerTokens[0]}`);
    await page.reload();
    await page.getByText('request-7').waitFor();
    expect(await findFaults(page)).toEqual([]);
    failing = false;

    await page.getByRole('button', { name: 'Try again' }).click();

    await see(page, 'Connected');
  }, 60_000);

  it('that has nothing at an address says so', async () => {
    const { page } = await site.visit({ path: '/integrations/unknown' });

    await see(page, 'There is nothing at this address');

    expect(await findFaults(page)).toEqual([]);
    await page.getByRole('link', { name: 'Go to Integrations' }).click();
    await see(page, 'Connected');
  });
});
