import { describe, expect, it } from '@jest/globals';
import { parseApiHost } from './api-host.ts';
import { DomainError } from './errors.ts';

describe('parseApiHost', () => {
  it.each([
    ['https://api.factorialhr.com', 'https://api.factorialhr.com'],
    ['https://api.factorialhr.com/', 'https://api.factorialhr.com'],
    ['HTTPS://API.FactorialHR.com', 'https://api.factorialhr.com'],
    ['https://api.es.factorialhr.com', 'https://api.es.factorialhr.com'],
    ['https://API.EU-2.factorialhr.com/', 'https://api.eu-2.factorialhr.com'],
    ['https://api.2.factorialhr.com', 'https://api.2.factorialhr.com'],
    ['https://api.demo.factorialhr.com', 'https://api.demo.factorialhr.com'],
  ])('admits %s', (input, origin) => {
    expect(parseApiHost(input)).toBe(origin);
  });

  it.each([
    // Nothing, or not a URL
    '',
    ' ',
    '/',
    'api.factorialhr.com',
    '//api.factorialhr.com',
    'https:',
    'https://',
    'https:///api.factorialhr.com',
    'https:api.factorialhr.com',
    'https:/api.factorialhr.com',
    'https//api.factorialhr.com',
    // Another scheme
    'http://api.factorialhr.com',
    'ftp://api.factorialhr.com',
    'ws://api.factorialhr.com',
    'javascript://api.factorialhr.com',
    'file://api.factorialhr.com',
    'data:text/html,https://api.factorialhr.com',
    'blob:https://api.factorialhr.com',
    // Another host
    'https://factorialhr.com',
    'https://app.factorialhr.com',
    'https://apifactorialhr.com',
    'https://api-factorialhr.com',
    'https://api.factorialhr.co',
    'https://api.factorialhr.com.evil.example',
    'https://api.factorialhr.comevil.example',
    'https://evil.example/api.factorialhr.com',
    'https://evil.example/https://api.factorialhr.com',
    'https://evilapi.factorialhr.com',
    'https://x.api.factorialhr.com',
    'https://api.evilfactorialhr.com',
    'https://api.es.evil.factorialhr.com.',
    'https://api.factorial.dev',
    'https://api.eu2.demo.factorial.dev',
    'https://localhost',
    'https://127.0.0.1',
    'https://2130706433',
    'https://0x7f.1',
    'https://169.254.169.254',
    'https://[::1]',
    'https://[::ffff:127.0.0.1]',
    'https://[api.factorialhr.com]',
    // Labels
    'https://api.a.b.factorialhr.com',
    'https://api..factorialhr.com',
    'https://api.-.factorialhr.com',
    'https://api.-a.factorialhr.com',
    'https://api.a-.factorialhr.com',
    'https://api.a_b.factorialhr.com',
    'https://api.*.factorialhr.com',
    `https://api.${'a'.repeat(64)}.factorialhr.com`,
    'https://api.xn--a.factorialhr.com.',
    'https://api.factorialhr.com.',
    'https://api.es.factorialhr.com./',
    // User info, port, path, query, fragment
    'https://user@api.factorialhr.com',
    'https://user:pass@api.factorialhr.com',
    'https://@api.factorialhr.com',
    'https://api.factorialhr.com@evil.example',
    'https://api.factorialhr.com:pass@evil.example',
    'https://evil.example#@api.factorialhr.com',
    'https://evil.example?@api.factorialhr.com',
    'https://evil.example\\@api.factorialhr.com',
    'https://api.factorialhr.com:443',
    'https://api.factorialhr.com:8443',
    'https://api.factorialhr.com:',
    'https://api.factorialhr.com//',
    'https://api.factorialhr.com/.',
    'https://api.factorialhr.com/api',
    'https://api.factorialhr.com/..//evil.example',
    'https://api.factorialhr.com?',
    'https://api.factorialhr.com?x=1',
    'https://api.factorialhr.com/#',
    'https://api.factorialhr.com#evil',
    'https://api.factorialhr.com;evil',
    'https://api.factorialhr.com,https://evil.example',
    // What parsers strip or fold
    ' https://api.factorialhr.com',
    'https://api.factorialhr.com ',
    'https://api.factorialhr.com\n',
    '\thttps://api.factorialhr.com',
    'ht\ntps://api.factorialhr.com',
    'https://api.fac\ttorialhr.com',
    'https://api.factorialhr.com\r\nHost: evil.example',
    'https://api.factorialhr.com\0',
    'https://api.factorialhr.com\0.evil.example',
    'https:\\\\api.factorialhr.com',
    'https://api.factorialhr.com\\',
    'https:/\\api.factorialhr.com',
    'https://evil.example\\.api.factorialhr.com',
    'https://api%2Efactorialhr.com',
    'https://api.%65s.factorialhr.com',
    'https://api.factorialhr.com%2f.evil.example',
    'https://api.factorialhr.com%00',
    'https://api.factorialhr.com%40evil.example',
    // Look-alikes, invisible letters and letters that fold into ASCII
    'https://api\u3002factorialhr.com',
    'https://api.factorialhr\u2024com',
    'https://\uFF41pi.factorialhr.com',
    'https://api.factorialhr.com\uFF0F',
    'https\uFF1A//api.factorialhr.com',
    'https://\u0430pi.factorialhr.com',
    'https://api.f\u0430ctorialhr.com',
    'https://api.factoria\u217Chr.com',
    'https://api.\u217D.factorialhr.com',
    'https://api.\u212A.factorialhr.com',
    'https://api.\u017F.factorialhr.com',
    'https://api.\u0130.factorialhr.com',
    'https://api.\u00DF.factorialhr.com',
    'https://api.factorial\u00ADhr.com',
    'https://api.\u200Bfactorialhr.com',
    'https://api.\u202Efactorialhr.com',
    '\uFEFFhttps://api.factorialhr.com',
    'https://api.factorialhr.com\u2028',
    'https://api.factorialhr.com\u00A0',
    'https://api.xn--ctorialhr-64g.com',
  ])('refuses %j', (input) => {
    expect(() => parseApiHost(input)).toThrow(
      new DomainError('factorial_url_invalid', 'The Factorial URL is not valid'),
    );
  });

  it('admits the origins that the configuration names, and nothing near them', () => {
    const extra = ['http://127.0.0.1:4010', ' https://api.eu2.demo.factorial.dev/ '];

    expect(parseApiHost('http://127.0.0.1:4010/', extra)).toBe('http://127.0.0.1:4010');
    expect(parseApiHost('https://API.eu2.demo.factorial.dev', extra)).toBe(
      'https://api.eu2.demo.factorial.dev',
    );
    expect(parseApiHost('https://api.factorialhr.com', extra)).toBe('https://api.factorialhr.com');
    for (const near of [
      'http://127.0.0.1',
      'http://127.0.0.1:4011',
      'https://127.0.0.1:4010',
      'http://127.1:4010',
      'http://x.127.0.0.1:4010',
    ]) {
      expect(() => parseApiHost(near, extra)).toThrow('The Factorial URL is not valid');
    }
  });

  it('admits nothing for a setting that is no origin', () => {
    for (const setting of [
      '',
      '*',
      'null',
      'https://host.example/path',
      'https://user@host.example',
      'host.example',
    ]) {
      for (const input of [setting, 'https://host.example', 'null']) {
        expect(() => parseApiHost(input, [setting])).toThrow('The Factorial URL is not valid');
      }
    }
  });
});
