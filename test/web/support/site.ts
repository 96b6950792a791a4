import axe, { type RunOptions } from 'axe-core';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { z } from 'zod';
import { askServer } from '../../support/ask-server.ts';
import { createWorld, type World, type WorldOptions } from '../../support/world.ts';

/** How a visitor comes: a desktop in English and light colors with an admin's token, unless told. */
export interface VisitOptions {
  readonly path?: string;
  /** Null: without one. */
  readonly token?: string | null;
  readonly locale?: 'en' | 'es' | 'ca';
  readonly colorScheme?: 'light' | 'dark';
  readonly width?: number;
  /** Of the browser; Europe/Madrid, as the account's, unless told. */
  readonly timeZone?: string;
  /** What is put into the page's way before it opens. */
  readonly prepare?: (page: Page) => Promise<unknown>;
}

export interface Visit {
  readonly page: Page;
  readonly context: BrowserContext;
  /** What the browser complained about: exceptions, refusals of the content security policy. */
  readonly complaints: readonly string[];
}

/** The web in a real Chromium, on the real stack and the simulator. One for a test file; `close()` in `afterAll`. */
export interface Site {
  readonly world: World;
  visit(options?: VisitOptions): Promise<Visit>;
  /** Closes all visits; fails where the browser complained in one of them. */
  leave(): Promise<void>;
  close(): Promise<void>;
}

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A busy machine takes its time; a test that waits longer than this has something to say. */
const patienceMs = 20_000;

export async function openSite(options: WorldOptions = {}): Promise<Site> {
  const { executablePath } = await askServer('/browser');
  const browser = await chromium.launch({ executablePath, args: flags, headless: true });
  try {
    const world = await createWorld(options);
    return siteOf(world, browser);
  } catch (error) {
    await browser.close();
    throw error;
  }
}

function siteOf(world: World, browser: Browser): Site {
  const visits: Visit[] = [];
  return {
    world,
    visit: async ({ path = '/integrations', token = world.bearerTokens[0], ...how } = {}) => {
      const { locale = 'en', colorScheme = 'light', width = 1100, timeZone = 'Europe/Madrid' } = how;
      const context = await browser.newContext({
        locale,
        colorScheme,
        viewport: { width, height: 900 },
        timezoneId: timeZone,
        reducedMotion: 'reduce',
      });
      context.setDefaultTimeout(patienceMs);
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on('pageerror', (error) => complaints.push(String(error)));
      page.on('console', (message) => {
        const text = message.text();
        // A status that is not 2xx is logged as an error too; the screens say what it means.
        if (message.type() === 'error' && !text.startsWith('Failed to load resource')) complaints.push(text);
      });
      const visit = { page, context, complaints };
      visits.push(visit);
      await how.prepare?.(page);
      await page.goto(`${world.publicUrl}${path}${token == null ? '' : `#token=${token}`}`);
      return visit;
    },
    leave: async () => {
      const all = visits.splice(0);
      for (const { context } of all) await context.close();
      const complaints = all.flatMap((visit) => visit.complaints);
      if (complaints.length > 0) throw new Error(`The browser complained:\n${complaints.join('\n')}`);
    },
    close: async () => {
      await browser.close();
      await world.close();
    },
  };
}

const violationsSchema = z.array(
  z.object({
    id: z.string(),
    nodes: z.array(z.object({ html: z.string(), failureSummary: z.string().optional() })),
  }),
);

/** What axe finds on the page as it stands: one line for each element, empty when all is well. */
async function findViolations(page: Page, more: Readonly<RunOptions> = {}): Promise<string[]> {
  if ((await page.evaluate('typeof axe')) === 'undefined') await page.evaluate(axe.source);
  const options = JSON.stringify({ resultTypes: ['violations'], ...more });
  const violations = violationsSchema.parse(
    await page.evaluate(`axe.run(document, ${options}).then(({ violations }) => violations)`),
  );
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(
      ({ html, failureSummary = '' }) =>
        `${id}: ${html.slice(0, 200)} ${failureSummary.replaceAll(/\s+/g, ' ')}`,
    ),
  );
}

/** What is wrong with a screen for somebody: accessibility in light and in dark, and its width on a phone of 360 px. */
export async function findFaults(page: Page): Promise<string[]> {
  await page.emulateMedia({ colorScheme: 'dark' });
  // Nothing but colors is another in the dark.
  const inTheDark = await findViolations(page, { runOnly: ['color-contrast'] });
  await page.emulateMedia({ colorScheme: 'light' });
  const faults = [...(await findViolations(page)), ...inTheDark.map((violation) => `dark: ${violation}`)];
  const size = page.viewportSize() ?? { width: 1100, height: 900 };
  await page.setViewportSize({ ...size, width: 360 });
  const width = await page.evaluate('document.documentElement.scrollWidth');
  if (typeof width !== 'number' || width > 360) faults.push(`at 360 px it is ${String(width)} px wide`);
  await page.setViewportSize(size);
  return faults;
}
