import { expect, it } from '@jest/globals';
import { denialOf, isOAuthError } from './denials.ts';

it.each([
  ['access_denied', 'authorization_denied'],
  ['invalid_scope', 'scopes_missing'],
  ['unauthorized_client', 'credentials_invalid'],
  ['server_error', 'factorial_unreachable'],
  ['temporarily_unavailable', 'factorial_unreachable'],
  ['toString', 'authorization_denied'],
  [undefined, 'authorization_denied'],
])('the error %s at the callback is told as %s', (error, warning) => {
  expect(denialOf(error)).toBe(warning);
});

it('no word is known that OAuth does not have', () => {
  expect(['invalid_request', '<script>', 'toString'].map(isOAuthError)).toEqual([true, false, false]);
});
