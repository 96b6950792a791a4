import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { openSite, type Site } from './support/site.ts';

let site: Site;

beforeAll(async () => {
  site = await openSite();
}, 180_000);
afterEach(async () => await site.leave());
afterAll(async () => await site?.close());

it('takes the token out of the address and keeps it over a reload', async () => {
  const { page } = await site.visit();

  await page.getByRole('link', { name: 'WorkMeter' }).waitFor();
  expect(new URL(page.url()).hash).toBe('');

  await page.reload();

  await page.getByRole('link', { name: 'WorkMeter' }).waitFor();
  expect(await page.getByText('Open this page from WorkMeter').count()).toBe(0);
  expect(await page.evaluate('localStorage.length === 1 && localStorage.key(0)')).toBe('workmeter.language');
});

it('says where to come from without a token', async () => {
  const { page } = await site.visit({ token: null });

  const heading = page.getByRole('heading', { name: 'Open this page from WorkMeter' });
  await heading.waitFor();
  expect(await heading.count()).toBe(1);
});
