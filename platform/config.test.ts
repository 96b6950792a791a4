import { describe, expect, it } from '@jest/globals';
import { configProblems, loadConfig } from './config.ts';
import type { ProcessName } from './config.ts';

const key = Buffer.alloc(32, 7).toString('base64');

const right = {
  DATABASE_URL: 'postgresql://workmeter:pa55word@db:5432/workmeter',
  TEMPORAL_ADDRESS: 'temporal:7233',
  PUBLIC_URL: 'https://timework.workmeter.com/',
  ENCRYPTION_KEYS: `b:${key},a:${key}`,
  AUTH_SECRET: 'an-auth-secret-of-some-length',
};

const secrets = ['DATABASE_URL', 'ENCRYPTION_KEYS', 'AUTH_SECRET', 'OTEL_EXPORTER_OTLP_HEADERS'];

describe('loadConfig', () => {
  it('fills in what is not set', () => {
    expect(loadConfig('api', right)).toEqual({
      databaseUrl: right.DATABASE_URL,
      temporal: { address: 'temporal:7233', namespace: 'default' },
      publicUrl: 'https://timework.workmeter.com',
      previousPublicUrls: [],
      encryptionKeys: [
        { id: 'b', key: Buffer.alloc(32, 7) },
        { id: 'a', key: Buffer.alloc(32, 7) },
      ],
      auth: { secret: right.AUTH_SECRET },
      factorialExtraHosts: [],
      factorialTokenOwner: 'company',
      factorialApiVersion: '2026-10-01',
      factorialRequestsPerMinute: 180,
      factorialPlanRequestsPerNight: 10_000,
      nightlyHour: 2,
      holidayPollMinutes: 60,
      tracing: undefined,
      inboxRetentionDays: 30,
      changesRetentionDays: 90,
      historyRetentionDays: 90,
      dataDir: '.data',
      logLevel: 'info',
      port: 3000,
      host: '0.0.0.0',
      webDir: undefined,
      hostPageOrigins: [],
    });
  });

  it('reads every variable that is set', () => {
    const config = loadConfig('api', {
      ...right,
      AUTH_SECRET: '',
      AUTH_JWKS_URL: 'https://login.example.com/jwks.json',
      AUTH_ISSUER: 'https://login.example.com',
      AUTH_AUDIENCE: 'workmeter',
      TEMPORAL_NAMESPACE: 'workmeter.prod',
      PORT: '8080',
      HOST: '127.0.0.1',
      PREVIOUS_PUBLIC_URLS: 'https://old.workmeter.com/, https://older.workmeter.com/base',
      FACTORIAL_EXTRA_HOSTS: 'http://localhost:4010/,https://Sandbox.example.com',
      FACTORIAL_TOKEN_OWNER: 'user',
      FACTORIAL_API_VERSION: '2027-01-01',
      FACTORIAL_REQUESTS_PER_MINUTE: '60',
      NIGHTLY_HOUR: '0',
      HOLIDAY_POLL_MINUTES: '1',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://otel-collector:4318/',
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20abc, x-scope=workmeter',
      OTEL_TRACES_SAMPLER_ARG: '0.05',
      INBOX_RETENTION_DAYS: '7',
      DATA_DIR: '/var/lib/workmeter',
      LOG_LEVEL: 'debug',
      WEB_DIR: 'web/dist',
      HOST_PAGE_ORIGINS: 'https://app.workmeter.com/',
    });

    expect(config).toMatchObject({
      auth: {
        jwksUrl: 'https://login.example.com/jwks.json',
        issuer: 'https://login.example.com',
        audience: 'workmeter',
      },
      temporal: { namespace: 'workmeter.prod' },
      port: 8080,
      host: '127.0.0.1',
      previousPublicUrls: ['https://old.workmeter.com', 'https://older.workmeter.com/base'],
      factorialExtraHosts: ['http://localhost:4010', 'https://sandbox.example.com'],
      factorialTokenOwner: 'user',
      factorialApiVersion: '2027-01-01',
      factorialRequestsPerMinute: 60,
      factorialPlanRequestsPerNight: 10_000,
      nightlyHour: 0,
      holidayPollMinutes: 1,
      tracing: {
        endpoint: 'http://otel-collector:4318',
        headers: { authorization: 'Bearer abc', 'x-scope': 'workmeter' },
        sampledShare: 0.05,
      },
      inboxRetentionDays: 7,
      changesRetentionDays: 90,
      historyRetentionDays: 90,
      dataDir: '/var/lib/workmeter',
      logLevel: 'debug',
      webDir: 'web/dist',
      hostPageOrigins: ['https://app.workmeter.com'],
    });
  });

  it.each<[string, string]>([
    ['DATABASE_URL', 'mysql://db/workmeter'],
    ['DATABASE_URL', 'not a url'],
    ['DATABASE_URL', 'postgresql://db:5432'],
    ['TEMPORAL_ADDRESS', 'temporal'],
    ['TEMPORAL_ADDRESS', 'https://temporal:7233'],
    ['TEMPORAL_NAMESPACE', 'no spaces'],
    ['PORT', 'http'],
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PUBLIC_URL', 'timework.workmeter.com'],
    ['PUBLIC_URL', 'ftp://timework.workmeter.com'],
    ['PUBLIC_URL', 'https://timework.workmeter.com/?a=b'],
    ['PREVIOUS_PUBLIC_URLS', 'https://old.workmeter.com,old'],
    ['ENCRYPTION_KEYS', 'a:dG9vIHNob3J0'],
    ['ENCRYPTION_KEYS', `a:${key},a:${key}`],
    ['ENCRYPTION_KEYS', key],
    ['ENCRYPTION_KEYS', 'a:;'],
    ['AUTH_SECRET', 'hunter2'],
    ['FACTORIAL_EXTRA_HOSTS', 'http://localhost:4010/path'],
    ['FACTORIAL_EXTRA_HOSTS', 'localhost'],
    ['FACTORIAL_TOKEN_OWNER', 'admin'],
    ['FACTORIAL_API_VERSION', 'latest'],
    ['FACTORIAL_REQUESTS_PER_MINUTE', '0'],
    ['NIGHTLY_HOUR', '24'],
    ['NIGHTLY_HOUR', '2.5'],
    ['HOLIDAY_POLL_MINUTES', '0'],
    ['INBOX_RETENTION_DAYS', '0'],
    ['CHANGES_RETENTION_DAYS', '0'],
    ['HISTORY_RETENTION_DAYS', '7'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'otel-collector:4318'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'https://user:pass@collector'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'Bearer abc'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'authorization=%ff'],
    ['OTEL_TRACES_SAMPLER_ARG', '5 %'],
    ['OTEL_TRACES_SAMPLER_ARG', '1.1'],
    ['LOG_LEVEL', 'loud'],
    ['TEMPORAL_TLS', 'yes'],
    ['TEMPORAL_TLS_DISABLE_HOST_VERIFICATION', 'maybe'],
    ['TEMPORAL_TLS_SERVER_CA_CERT_PATH', '/nowhere/ca.pem'],
    ['TEMPORAL_CONFIG_FILE', '/nowhere/temporal.toml'],
  ])('refuses %s=%s with one line that gives an example and not the value', (variable, value) => {
    const problems = configProblems('api', { ...right, [variable]: value });

    expect(problems).toEqual([expect.stringMatching(new RegExp(`^${variable} .+ \\(for example .+\\)$`))]);
    if (secrets.includes(variable)) expect(problems.join('\n')).not.toContain(value);
  });

  it('names everything that is missing at once', () => {
    expect(configProblems('api', {}).map((line) => line.split(' ')[0])).toEqual([
      'DATABASE_URL',
      'TEMPORAL_ADDRESS',
      'PUBLIC_URL',
      'ENCRYPTION_KEYS',
      'AUTH_SECRET',
    ]);
  });

  it('wants the certificate and the key of a Temporal client together, each given once', () => {
    const [cert, secret] = ['TEMPORAL_TLS_CLIENT_CERT_DATA', 'TEMPORAL_TLS_CLIENT_KEY_DATA'];

    expect(configProblems('worker', { ...right, [cert]: 'c' })).toEqual([
      expect.stringMatching(/^TEMPORAL_TLS_CLIENT_KEY_PATH is not set/),
    ]);
    expect(configProblems('worker', { ...right, [secret]: 'k' })).toEqual([
      expect.stringMatching(/^TEMPORAL_TLS_CLIENT_CERT_PATH is not set/),
    ]);
    expect(
      configProblems('worker', {
        ...right,
        [cert]: 'c',
        [secret]: 'k',
        TEMPORAL_TLS_CLIENT_KEY_PATH: 'key.pem',
      }),
    ).toEqual([expect.stringContaining('both set')]);
    expect(configProblems('worker', { ...right, [cert]: 'c', [secret]: 'k', TEMPORAL_TLS: '1' })).toEqual([]);
    expect(configProblems('migrate', { ...right, TEMPORAL_TLS: 'yes' })).toEqual([]);
  });

  it('wants exactly one way to check tokens', () => {
    expect(configProblems('api', { ...right, AUTH_JWKS_URL: 'https://login.example.com/jwks.json' })).toEqual(
      [expect.stringContaining('both set')],
    );
    expect(configProblems('api', { ...right, AUTH_SECRET: '' })).toEqual([
      expect.stringContaining('AUTH_SECRET is not set'),
    ]);
  });

  it.each<[ProcessName, string[]]>([
    ['migrate', ['DATABASE_URL']],
    ['ops', ['DATABASE_URL', 'TEMPORAL_ADDRESS']],
    ['worker', ['DATABASE_URL', 'TEMPORAL_ADDRESS', 'PUBLIC_URL', 'ENCRYPTION_KEYS']],
  ])('asks %s only for what it uses', (name, needed) => {
    const env = Object.fromEntries(Object.entries(right).filter(([variable]) => needed.includes(variable)));

    expect(configProblems(name, env)).toEqual([]);
    expect(configProblems(name, {}).map((line) => line.split(' ')[0])).toEqual(needed);
  });
});
