import { describe, expect, it } from '@jest/globals';
import { authorizationUrl, redirectUriOf } from './authorization-url.ts';

const request = {
  apiHost: 'https://api.factorialhr.com',
  clientId: 'client-1',
  redirectUri: redirectUriOf('https://timework.workmeter.com'),
  state: 'state-1',
  tokenOwner: 'user',
} as const;

describe('the redirect URI', () => {
  it('is letter by letter the one that customers register in Factorial', () => {
    expect(request.redirectUri).toBe('https://timework.workmeter.com/api/Integration/factorial/Callback');
  });
});

describe('the authorization URL', () => {
  it('asks for a code and for the four permissions, with spaces as %20', () => {
    expect(authorizationUrl(request)).toBe(
      'https://api.factorialhr.com/oauth/authorize?client_id=client-1' +
        '&redirect_uri=https%3A%2F%2Ftimework.workmeter.com%2Fapi%2FIntegration%2Ffactorial%2FCallback' +
        '&response_type=code&state=state-1&scope=employees%20time_off%20time_tracking%20company_holidays',
    );
  });

  it('asks for a company token only where one is wanted', () => {
    const ofCompany = new URL(authorizationUrl({ ...request, tokenOwner: 'company' }));

    expect(ofCompany.searchParams.get('resource_owner_type')).toBe('company');
    expect(new URL(authorizationUrl(request)).searchParams.has('resource_owner_type')).toBe(false);
  });

  it('keeps what is typed inside its own parameter', () => {
    const url = new URL(authorizationUrl({ ...request, clientId: 'a&scope=all#x y', state: 's=1&t' }));

    expect(url.searchParams.getAll('scope')).toEqual(['employees time_off time_tracking company_holidays']);
    expect(url.searchParams.get('client_id')).toBe('a&scope=all#x y');
    expect(url.searchParams.get('state')).toBe('s=1&t');
    expect(url.hash).toBe('');
  });

  it('stays in the customer’s cluster', () => {
    const url = authorizationUrl({ ...request, apiHost: 'https://api.es.factorialhr.com' });

    expect(new URL(url).origin).toBe('https://api.es.factorialhr.com');
  });
});
