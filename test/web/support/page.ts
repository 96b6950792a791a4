import type { Locator, Page } from 'playwright-core';
import { F, readCard } from '../../support/story.ts';
import type { World } from '../../support/world.ts';

/** What suites do with any page. */

export const wizardPath = '/integrations/factorial/connect';

/** Where a tab of the settings is, e.g. `employees`. */
export const tabPath = (tab: string): string => `/integrations/factorial/settings/${tab}`;

/** Waits until this very text is to be seen. */
export const see = async (page: Page, text: string): Promise<void> =>
  await page.getByText(text, { exact: true }).filter({ visible: true }).first().waitFor();

/** Puts a card with some fields changed in the way of the real one, as if that had happened. */
export async function patchCard(page: Page, world: World, changes: object): Promise<void> {
  const card = { ...(await readCard(world)), ...changes };
  await page.route(`**${F}`, (route) => route.fulfill({ json: card }));
}

/** Above the number of things on any screen that take the focus. */
const mostTabs = 60;

/** Presses Tab until `target` has the focus. */
export async function tabTo(page: Page, target: Locator): Promise<void> {
  await target.waitFor();
  for (let presses = 0; presses < mostTabs; presses += 1) {
    if ((await target.and(page.locator(':focus')).count()) > 0) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not lead to ${String(target)}`);
}
