import { describe, expect, it } from '@jest/globals';
import { isOnboarded, onboardedEmployeeId, toEmailKey } from './onboarding.ts';
import type { OnboardingProfile } from './onboarding.ts';

const today = '2026-11-22';

/** A profile that appeared after the connection was made and matches nobody. */
const newcomer: OnboardingProfile = {
  emailKey: 'ada@example.com',
  terminatedOn: null,
  linked: false,
  baseline: false,
  livedThroughReconciliation: false,
};

describe('onboarding', () => {
  it.each<[string, Partial<OnboardingProfile>, boolean, boolean]>([
    ['takes in who appears with an e-mail that nobody has', {}, false, true],
    ['leaves alone whose e-mail somebody has', {}, true, false],
    ['leaves alone who is linked', { linked: true }, false, false],
    [
      'leaves alone whom the first synchronisation found',
      { baseline: true, livedThroughReconciliation: true },
      false,
      false,
    ],
    ['waits with who has no e-mail yet', { emailKey: null }, false, false],
    [
      'takes in who still has no e-mail after a reconciliation',
      { emailKey: null, livedThroughReconciliation: true },
      false,
      true,
    ],
    ['leaves alone who left yesterday', { terminatedOn: '2026-11-21' }, false, false],
    [
      'leaves alone who left, also after a reconciliation',
      { terminatedOn: '2026-11-21', livedThroughReconciliation: true },
      false,
      false,
    ],
    ['takes in whose last day is today', { terminatedOn: today }, false, true],
    ['takes in who will leave', { terminatedOn: '2026-12-31' }, false, true],
  ])('%s', (_what, changes, emailIsTaken, isTakenIn) => {
    expect(isOnboarded({ ...newcomer, ...changes }, emailIsTaken, today)).toBe(isTakenIn);
  });
});

describe('the id of an onboarded employee', () => {
  it.each([
    ['18446744073709551615', 'factorial-18446744073709551615'],
    ['a/b c', 'factorial-a-b-c'],
    ['9'.repeat(80), `factorial-${'9'.repeat(50)}`],
  ])('follows from the profile %s', (profileId, employeeId) => {
    const id = onboardedEmployeeId(profileId);

    expect(id).toBe(employeeId);
    expect(id).toMatch(/^[A-Za-z0-9_-]{1,60}$/);
  });
});

describe('an e-mail', () => {
  it.each([
    ['  Ada@Example.COM ', 'ada@example.com'],
    ['ÀDA@example.com', 'àda@example.com'],
    ['', null],
    ['   ', null],
    [null, null],
  ])('%j is compared as %j', (email, key) => {
    expect(toEmailKey(email)).toBe(key);
  });

  it('is compared with none where it is longer than any address', () => {
    const longest = `${'a'.repeat(308)}@example.com`;

    expect([toEmailKey(longest), toEmailKey(`a${longest}`)]).toEqual([longest, null]);
  });
});
