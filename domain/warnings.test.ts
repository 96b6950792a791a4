import { describe, expect, it } from '@jest/globals';
import { actionOf, warningCodes, warningTexts } from './warnings.ts';

describe('a warning', () => {
  it.each(warningCodes)('%s has a sentence and one action', (code) => {
    const { message, action } = warningTexts[code];

    expect(message).toMatch(/^[A-Z].{10,}/);
    expect(action.code).toMatch(/^[a-z_]+$/);
    expect(action.label).toMatch(/^[A-Z].{3,}/);
  });

  it.each([
    ['connection_expired', 'The connection with Factorial has expired'],
    ['authorization_expired', 'The authorization has expired'],
  ] as const)('%s says word for word what the guide says', (code, message) => {
    expect(warningTexts[code].message).toBe(message);
  });

  it('has one text per code, and no text without a code', () => {
    expect(Object.keys(warningTexts).sort()).toEqual([...warningCodes].sort());
    expect(new Set(Object.values(warningTexts).map(({ message }) => message)).size).toBe(warningCodes.length);
  });

  it('has the codes of the contract', () => {
    const promised = [
      'connection_expired credentials_invalid authorization_expired authorization_denied redirect_uri_mismatch',
      'other_company company_already_connected reauthorization_needed administrator_needed scopes_missing',
      'subscription_disabled subscription_conflict subscription_refused subscriptions_left_behind',
      'factorial_unreachable rate_limited wrong_cluster schema_drift sweep_unstable deletions_waiting command_refused',
    ].join(' ');

    expect([...warningCodes].sort()).toEqual(promised.split(' ').sort());
  });

  it('that only contact with support can end says where support is', () => {
    const labels = Object.values(warningTexts).filter(({ action }) => action.code === 'contact_support');

    expect(labels.length).toBeGreaterThan(0);
    for (const { action } of labels) expect(action.label).toContain('https://help.workmeter.com');
  });

  it.each([
    ['authorization_denied', 'pending', true, 'connect'],
    ['authorization_denied', 'connected', true, 'reauthorize'],
    ['authorization_expired', 'expired', true, 'reauthorize'],
    ['factorial_unreachable', 'connected', false, 'wait'],
    ['factorial_unreachable', 'authorizing', false, 'wait'],
    ['factorial_unreachable', 'connected', true, 'reauthorize'],
    ['factorial_unreachable', 'expired', true, 'reauthorize'],
    ['factorial_unreachable', 'pending', true, 'connect'],
    ['factorial_unreachable', 'pending', false, 'connect'],
    ['subscription_disabled', 'connected', false, 'wait'],
  ] as const)(
    '%s asks while %s (what came of the last authorization: %s) for: %s',
    (code, status, ended, action) => {
      expect(actionOf(code, status, ended).code).toBe(action);
    },
  );
});
