import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Locator, Page } from 'playwright-core';
import { warningCodes, warningTexts } from '../../domain/warnings.ts';
import { F, connect, readCard, waitForReconciliation } from '../support/story.ts';
import { waitFor } from '../support/wait-for.ts';
import { faults, putLine, sentences, type Fault, type Line } from './support/broken-line.ts';
import { patchCard, see, tabPath, wizardPath } from './support/page.ts';
import { findFaults, openSite, type Site, type VisitOptions } from './support/site.ts';

/** What the screens say when something is wrong: with the connection, the session, the network or the service. */

const settings = tabPath('settings');
/** Where one signs in. */
const hostPage = 'https://workmeter.example';
const since = '2026-11-20T08:00:00.000Z';

let site: Site;

beforeAll(async () => {
  site = await openSite({
    seed: { people: 5, absences: 10, locations: 1 },
    env: { HOST_PAGE_ORIGINS: hostPage },
  });
  await connect(site.world);
  await waitForReconciliation(site.world);
}, 180_000);
afterEach(async () => await site.leave());
afterAll(async () => await site?.close());

/** A visitor who finds the card with some fields changed. */
async function visitCard(changes: object, options: VisitOptions = {}): Promise<Page> {
  const prepare = (page: Page) => patchCard(page, site.world, changes);
  return (await site.visit({ ...options, prepare })).page;
}

/** A visitor whose line to the API can be broken, or is from the start. */
async function visitOnLine({
  path = '/integrations',
  card,
  fault = null,
}: {
  path?: string;
  card?: object | undefined;
  fault?: Fault | null;
}): Promise<{ page: Page; line: Line }> {
  let line: Line | undefined;
  const prepare = async (page: Page): Promise<void> => {
    line = await putLine(page);
    line.fail(fault);
    if (card !== undefined) await patchCard(page, site.world, card);
  };
  const { page } = await site.visit({ path, prepare });
  if (line === undefined) throw new Error('the visit was not prepared');
  return { page, line };
}

/** The admin's own, but it has run out. */
const expiredToken = async (): Promise<string> =>
  await site.world.makeToken({ tenant: 'acme', roles: ['admin'], subject: 'ada', expiresInSeconds: -10 });

const handOver = async (page: Page, token = site.world.bearerTokens[0]): Promise<void> => {
  await page.evaluate(`window.postMessage(${JSON.stringify({ type: 'token', token })}, location.origin)`);
};

const warning = (code: keyof typeof warningTexts) => ({ code, since, ...warningTexts[code] });

describe('the card', () => {
  it('says each warning with its cause, since when, and one action', async () => {
    const warnings = warningCodes.map(warning);
    const page = await visitCard({ warnings, warning: warnings[0] });
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

  it('tells since when in the time zone of the account, wherever the browser is', async () => {
    const one = warning('rate_limited');
    const page = await visitCard({ warnings: [one], warning: one }, { timeZone: 'Asia/Tokyo' });

    await see(page, 'Since 20 Nov 2026, 09:00');
    expect(await findFaults(page)).toEqual([]);
  });

  it('names the permission that is missing, in Spanish too', async () => {
    const message = 'The Factorial application lacks a permission. Tick Time off and Company holidays.';
    const one = { ...warning('scopes_missing'), message };
    const page = await visitCard({ warnings: [one], warning: one }, { locale: 'es' });

    await see(page, 'A la aplicación de Factorial le falta un permiso. Marca Time off y Company holidays.');
    expect(await findFaults(page)).toEqual([]);
  });

  it('recommends to refresh the token', async () => {
    const page = await visitCard({ tokenStatus: 'refresh_recommended', errors7d: 3 });

    await see(page, 'Token: Refresh recommended');
    await see(page, 'Connected');
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
    const page = await visitCard({ warnings: codes.map(warning) });

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
    await handOver(page, await expiredToken());
    await see(page, 'Your session has ended');
    await page.getByRole('button', { name: 'Save', exact: true }).first().click();
    await page
      .getByRole('alert')
      .filter({ hasText: 'Open this page again from WorkMeter.' })
      .first()
      .waitFor();
    expect(await page.getByLabel('Days ahead').inputValue()).toBe('101');
    expect(await findFaults(page)).toEqual([]);

    await handOver(page);
    await page.getByText('Your session has ended', { exact: true }).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Save', exact: true }).first().click();

    await see(page, 'Saved');
    expect((await site.world.admin('GET', `${F}/settings`)).body).toMatchObject({ horizonDaysAhead: 101 });
  }, 60_000);

  it('goes on in a tab whose session has ended when the same person signs in in another', async () => {
    const { page, context } = await site.visit({ path: settings });
    await page.getByLabel('Days ahead').fill('103');
    await handOver(page, await expiredToken());
    await see(page, 'Your session has ended');
    const link = page.getByRole('link', { name: 'Open WorkMeter' });
    expect(await link.getAttribute('href')).toBe(hostPage);

    const stranger = await site.world.makeToken({ tenant: 'acme', roles: ['admin'], subject: 'eve' });
    const other = await context.newPage();
    await other.goto(`${site.world.publicUrl}/integrations#token=${stranger}`);
    await see(other, 'Connected');
    expect(await page.getByText('Your session has ended', { exact: true }).count()).toBe(1);
    await handOver(other);

    await page.getByText('Your session has ended', { exact: true }).waitFor({ state: 'detached' });
    expect(await page.getByLabel('Days ahead').inputValue()).toBe('103');
  });

  it('of somebody else begins with nothing that was typed before', async () => {
    const { page } = await site.visit({ path: settings });
    await page.getByLabel('Days ahead').fill('104');

    const token = await site.world.makeToken({ tenant: 'acme', roles: ['admin'], subject: 'eve' });
    await Promise.all([page.waitForEvent('load'), handOver(page, token)]);

    await page.getByLabel('Days ahead').waitFor();
    expect(await page.getByLabel('Days ahead').inputValue()).not.toBe('104');
  });

  it('keeps what is typed while another tab of the screen is looked at', async () => {
    const { page } = await site.visit({ path: settings });
    await page.getByLabel('Days ahead').fill('105');

    await page.getByRole('tab', { name: 'Calendar' }).click();
    await page.getByRole('tab', { name: 'Settings' }).click();

    expect(await page.getByLabel('Days ahead').inputValue()).toBe('105');
  });
});

describe('the service', () => {
  it('that is away is said, with a way on, and what was there stays', async () => {
    const { page, line } = await visitOnLine({ path: '/integrations' });
    await see(page, 'Connected');
    const banner = page.getByText('No connection to WorkMeter', { exact: true });
    await site.world.stop('api');
    await line.soon('the banner to come', () => banner.isVisible());
    expect(await page.getByText('Token: Correct').count()).toBe(1);
    expect(await findFaults(page)).toEqual([]);

    await site.world.start('api');

    await line.soon('the banner to go', async () => !(await banner.isVisible()));
  }, 90_000);

  it('that has nothing at an address says so', async () => {
    const { page } = await site.visit({ path: '/integrations/unknown' });

    await see(page, 'There is nothing at this address');

    expect(await findFaults(page)).toEqual([]);
    await page.getByRole('link', { name: 'Go to Integrations' }).click();
    await see(page, 'Connected');
  });
});

/** Where a screen is, what of it is looked at, and what stands there when all is well. */
interface Screen {
  readonly path: string;
  readonly part: (page: Page) => Locator;
  readonly content: (part: Locator) => Locator;
}

const main = (page: Page): Locator => page.getByRole('main');
const panel = (page: Page): Locator => page.getByRole('tabpanel');

const screens: readonly Screen[] = [
  { path: '/integrations', part: main, content: (part) => part.getByText('Token: Correct') },
  {
    path: wizardPath,
    part: main,
    content: (part) => part.getByRole('heading', { name: 'Factorial is connected' }),
  },
  { path: tabPath('employees'), part: panel, content: (part) => part.getByText(/^\d+ of \d+ employees$/) },
  { path: tabPath('day-types'), part: panel, content: (part) => part.getByText('Vacaciones') },
  { path: tabPath('calendar'), part: panel, content: (part) => part.getByRole('option').first() },
  { path: `${tabPath('calendar')}?employee=e1`, part: panel, content: (part) => part.getByRole('grid') },
  {
    path: tabPath('activity'),
    part: panel,
    content: (part) => part.getByText('Everything is right').first(),
  },
  { path: tabPath('settings'), part: panel, content: (part) => part.getByLabel('Days ahead') },
];

/** To another screen without loading the page again. */
const goTo = async (page: Page, path: string): Promise<void> => {
  await page.evaluate(`history.pushState(null, '', ${JSON.stringify(path)})`);
};

describe('a call that reads', () => {
  it.each(faults)(
    'and meets %s says so on every screen, with a way on',
    async (fault) => {
      const sentence = sentences[fault];
      const { page, line } = await visitOnLine({ fault });
      for (const { path, part } of screens) {
        await goTo(page, path);
        const said = part(page).getByText(sentence).first();
        const retry = part(page).getByRole('button', { name: 'Try again' }).first();
        if (fault === 'silent') await part(page).locator('[aria-busy="true"]').first().waitFor();
        await line.soon(`${path} to say it`, () => said.isVisible());
        if (fault === 500) {
          await part(page).getByText('request-7').first().waitFor();
          expect(await findFaults(page)).toEqual([]);
        }
        if (fault === 401) continue;
        const tries = line.calls();
        await retry.click();
        await line.soon(`${path} to ask again`, () => Promise.resolve(line.calls() > tries));
        await line.soon(`${path} to say it again`, () => said.isVisible());
      }
      if (fault === 'away') await see(page, 'No connection to WorkMeter');
      if (fault === 401) await see(page, 'Your session has ended');

      line.fail(null);
      if (fault === 401) await handOver(page);

      for (const { path, part, content } of screens.toReversed()) {
        await goTo(page, path);
        const retry = part(page).getByRole('button', { name: 'Try again' }).first();
        await line.soon(`${path} to be there`, async () => {
          if (await content(part(page)).isVisible()) return true;
          // It may go on by itself at this very moment: then there is nothing to click any more.
          if (await retry.isVisible()) await retry.click({ timeout: 1_000 }).catch(() => {});
          return false;
        });
      }
    },
    60_000,
  );
});

/** Something that an admin does on a screen. */
interface Write {
  readonly path: string;
  /** What is patched on the card for it. */
  readonly card?: object;
  /** Leads there, and types what there is to type. */
  readonly begin: (page: Page) => Promise<void>;
  readonly act: (page: Page) => Promise<void>;
  /** The fields that were typed into. */
  readonly typed: (page: Page) => readonly Locator[];
  readonly done: (page: Page) => Locator;
}

const button = (page: Page | Locator, name: string | RegExp): Locator =>
  page.getByRole('button', { name, exact: true });
const dialog = (page: Page): Locator => page.getByRole('dialog');
const refused = (page: Page): Locator =>
  page.getByText('Factorial is already connected. Disconnect first to start a new connection.');

const writes: Record<string, Write> = {
  'a link by hand': {
    path: tabPath('employees'),
    begin: async (page) => {
      await page
        .getByRole('button', { name: /^Choose the profile of / })
        .first()
        .click();
      await page.getByRole('combobox', { name: 'Search in Factorial' }).fill('@');
      await dialog(page).getByRole('option').first().waitFor();
    },
    act: async (page) => await dialog(page).getByRole('option').first().click(),
    typed: (page) => [page.getByRole('combobox', { name: 'Search in Factorial' })],
    done: (page) => page.getByText(/ is linked to /),
  },
  'an unlink': {
    path: tabPath('employees'),
    begin: async (page) =>
      await page
        .getByRole('button', { name: /^Unlink / })
        .first()
        .click(),
    act: async (page) => await button(dialog(page), 'Unlink').click(),
    typed: () => [],
    done: (page) => page.getByText(/ is not linked any more\./),
  },
  'all suggestions': {
    path: tabPath('employees'),
    begin: async (page) => await button(page, 'Accept all…').click(),
    act: async (page) => await button(dialog(page), /^(Link \d+ employees?|Try again)$/).click(),
    typed: () => [],
    done: (page) => dialog(page).getByText(/^\d of \d are linked\.$/),
  },
  'a new day type': {
    path: tabPath('day-types'),
    begin: async (page) => {
      await button(page, 'Decide what Vacaciones means').click();
      await page.getByRole('radio', { name: /A new day type/ }).check();
      await page.getByRole('textbox', { name: 'Name' }).fill('Time to rest');
      await page.getByRole('textbox', { name: 'Expected hours per day' }).fill('1.5');
    },
    act: async (page) => await button(dialog(page), 'Confirm').click(),
    typed: (page) => [
      page.getByRole('textbox', { name: 'Name' }),
      page.getByRole('textbox', { name: 'Expected hours per day' }),
    ],
    done: (page) => page.getByText('Vacaciones is mapped to a new day type.'),
  },
  'an edit of a day': {
    path: `${tabPath('calendar')}?employee=e1`,
    begin: async (page) => {
      await page.locator('.day-cell[aria-current="date"]').click();
      await button(page, 'Edit this day…').click();
      await page.getByRole('textbox', { name: 'Expected hours' }).fill('3:20');
      await page.getByRole('textbox', { name: 'Note (optional)' }).fill('Moved to Friday');
    },
    act: async (page) => await button(dialog(page), 'Save').click(),
    typed: (page) => [
      page.getByRole('textbox', { name: 'Expected hours' }),
      page.getByRole('textbox', { name: 'Note (optional)' }),
    ],
    done: (page) => page.getByText('Edited by hand: 3 h 20 min'),
  },
  'a reconciliation': {
    path: tabPath('activity'),
    begin: async () => {},
    act: async (page) => await button(page, 'Reconcile now').click(),
    typed: () => [],
    done: (page) => page.getByText('Asked for by a person').first(),
  },
  'the settings': {
    path: tabPath('settings'),
    begin: async (page) => {
      await page.getByLabel('Days ahead').fill('102');
      await page.getByLabel('Friday').fill('6.5');
    },
    act: async (page) => await button(page, 'Save').first().click(),
    typed: (page) => [page.getByLabel('Days ahead'), page.getByLabel('Friday')],
    done: (page) => page.getByText('Saved', { exact: true }),
  },
  'the time zone': {
    path: tabPath('settings'),
    begin: async (page) => {
      await page.getByLabel('Time zone').first().fill('Lisbon');
      await page.getByRole('option', { name: 'Europe/Lisbon' }).click();
    },
    act: async (page) => await button(page, 'Save').last().click(),
    typed: (page) => [page.getByLabel('Time zone').first()],
    done: (page) => page.getByText('Saved', { exact: true }),
  },
  'other credentials': {
    path: `${tabPath('settings')}?replace`,
    begin: async (page) => {
      await page.getByLabel('Client ID').fill(site.world.application.clientId);
      await page.getByRole('textbox', { name: 'Client secret' }).fill(site.world.application.clientSecret);
    },
    act: async (page) => await button(page, 'Replace').click(),
    typed: (page) => [page.getByLabel('Client ID'), page.getByRole('textbox', { name: 'Client secret' })],
    done: (page) => page.getByText('The credentials were replaced.'),
  },
  'the first credentials': {
    path: wizardPath,
    card: { status: 'not_connected' },
    begin: async (page) => {
      await page.getByLabel('Client ID').fill('an-id');
      await page.getByRole('textbox', { name: 'Client secret' }).fill('a-secret');
    },
    act: async (page) => await button(page, 'Save').click(),
    typed: (page) => [page.getByLabel('Client ID'), page.getByRole('textbox', { name: 'Client secret' })],
    done: refused,
  },
  'an authorization': {
    path: wizardPath,
    card: { status: 'pending' },
    begin: async (page) => await page.getByLabel('Factorial URL').fill(site.world.factorialUrl),
    act: async (page) => await button(page, 'Connect with Factorial').click(),
    typed: (page) => [page.getByLabel('Factorial URL')],
    done: refused,
  },
};

describe('a call that writes', () => {
  it.each(Object.entries(writes))(
    '%s: every failure of it is said, loses nothing typed, and lets it be done in the end',
    async (_name, { path, card, begin, act, typed, done }) => {
      const { page, line } = await visitOnLine({ path, card });
      await begin(page);
      const before = await Promise.all(typed(page).map((field) => field.inputValue()));
      expect(before).not.toContain('');

      for (const fault of faults) {
        line.fail(fault, 'writes');
        await act(page);
        const said = page.getByText(sentences[fault]).first();
        await line.soon(`it to say ${fault}`, () => said.isVisible());
        expect(await Promise.all(typed(page).map((field) => field.inputValue()))).toEqual(before);
        if (fault === 500) expect(await findFaults(page)).toEqual([]);
      }
      line.fail(null);
      await handOver(page);
      await page.getByText('Your session has ended', { exact: true }).waitFor({ state: 'detached' });
      await act(page);

      await done(page).waitFor();
    },
    60_000,
  );
});
