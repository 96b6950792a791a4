import type { Page } from 'playwright-core';
import type { Site } from './site.ts';

/** Moves of an admin in the wizard, as suites put them together. English screens. */

export async function saveCredentials(page: Page, { world }: Site): Promise<void> {
  await page.getByLabel('Client ID').fill(world.application.clientId);
  await page.getByRole('textbox', { name: 'Client secret' }).fill(world.application.clientSecret);
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('heading', { name: 'Connect', exact: true }).waitFor();
}

/** Clicks the button and answers the consent page of the popup. */
export async function popupOf(page: Page, button = 'Connect with Factorial'): Promise<Page> {
  const opened = page.waitForEvent('popup');
  await page.getByRole('button', { name: button }).first().click();
  const popup = await opened;
  await popup.waitForURL(/\/oauth\/authorize/);
  return popup;
}

/** The wizard closes the window when it hears that Factorial has answered. */
export async function approveInPopup(popup: Page): Promise<void> {
  const closed = popup.waitForEvent('close');
  await popup.locator('#approve').click();
  await closed;
}
