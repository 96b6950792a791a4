import { z } from 'zod';

/**
 * Every variable of contract.md 4: how its text is read, and an example of a right value for the error line.
 * Messages follow the variable's name ("PORT must be …") and never repeat the value: it may be a secret.
 */

/** Required text; the messages read on from the variable's name. */
const text = z.string({ error: 'is not set' });

function wholeNumber(min: number, max: number) {
  const message = `must be a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^\d{1,9}$/, message)
    .transform(Number)
    .refine((value) => value >= min && value <= max, message);
}

/** `read` answers the value, or a sentence that says what is wrong with the text. */
function parsed<T>(read: (value: string) => { value: T } | { wrong: string }) {
  return (raw: string, context: z.RefinementCtx): T => {
    const result = read(raw);
    if ('value' in result) return result.value;
    context.addIssue({ code: 'custom', message: result.wrong });
    return z.NEVER;
  };
}

function readUrl(protocols: readonly string[], { allowPath }: { allowPath: boolean }) {
  return (raw: string): { value: string } | { wrong: string } => {
    const url = URL.canParse(raw) ? new URL(raw) : null;
    if (!url || !protocols.includes(url.protocol)) {
      return {
        wrong: `must be a URL that starts with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
      };
    }
    if (url.username || url.password || url.search || url.hash) {
      return { wrong: 'must be a URL without user, query and fragment' };
    }
    if (!allowPath && url.pathname !== '/') return { wrong: 'must be a URL without a path' };
    return { value: `${url.origin}${url.pathname}`.replace(/\/+$/, '') };
  };
}

/** Reads a comma-separated list with `read`; says which entry is wrong by its place. */
function readList<T>(read: (entry: string) => { value: T } | { wrong: string }) {
  return (raw: string): { value: T[] } | { wrong: string } => {
    const values: T[] = [];
    for (const [index, entry] of splitList(raw).entries()) {
      const result = read(entry);
      if ('wrong' in result) return { wrong: `entry ${index + 1} ${result.wrong}` };
      values.push(result.value);
    }
    return { value: values };
  };
}

function splitList(raw: string): string[] {
  return raw
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}

/** AES-256 takes keys of exactly this size. */
const keyBytes = 32;

function readEncryptionKeys(raw: string): { value: { id: string; key: Buffer }[] } | { wrong: string } {
  const result = readList((entry) => {
    const [, id, encoded] = /^([A-Za-z0-9_-]{1,40}):([A-Za-z0-9+/_-]+={0,2})$/.exec(entry) ?? [];
    if (id === undefined || encoded === undefined) return { wrong: 'must be id:base64' };
    const key = Buffer.from(encoded, 'base64');
    return key.length === keyBytes
      ? { value: { id, key } }
      : { wrong: `must decode to ${keyBytes} bytes, has ${key.length}` };
  })(raw);
  if ('wrong' in result) return result;
  if (result.value.length === 0) return { wrong: 'must hold at least one key' };
  const ids = new Set(result.value.map(({ id }) => id));
  return ids.size === result.value.length ? result : { wrong: 'uses one id for two keys' };
}

/** `name=value,…`, values percent-encoded, as OpenTelemetry writes them. */
function readHeaders(raw: string): { value: Record<string, string> } | { wrong: string } {
  const result = readList((entry) => {
    const [, name, value] = /^([A-Za-z0-9-]+)=([!-~ ]+)$/.exec(entry) ?? [];
    const decoded = decode(value ?? '');
    if (name === undefined || decoded === null) return { wrong: 'must be name=value, percent-encoded' };
    return { value: [name, decoded] as const };
  })(raw);
  return 'wrong' in result ? result : { value: Object.fromEntries(result.value) };
}

/** Null for what is not percent-encoded. */
function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

function readDatabaseUrl(raw: string): { value: string } | { wrong: string } {
  const wrong = { wrong: 'must be a PostgreSQL URL with host and database' };
  if (!URL.canParse(raw)) return wrong;
  const url = new URL(raw);
  const named = url.pathname.length > 1 && (url.hostname !== '' || url.searchParams.has('host'));
  return ['postgresql:', 'postgres:'].includes(url.protocol) && named ? { value: raw } : wrong;
}

function readAddress(raw: string): { value: string } | { wrong: string } {
  return /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):\d{1,5}$/.test(raw)
    ? { value: raw }
    : { wrong: 'must be host:port' };
}

const http = ['https:', 'http:'] as const;
const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
const tokenOwners = ['company', 'user'] as const;

export const variables = {
  DATABASE_URL: text
    .transform(parsed(readDatabaseUrl))
    .meta({ example: 'postgresql://workmeter:password@localhost:5432/workmeter' }),
  TEMPORAL_ADDRESS: text.transform(parsed(readAddress)).meta({ example: 'localhost:7233' }),
  TEMPORAL_NAMESPACE: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'must be letters, digits, dots and dashes')
    .default('default')
    .meta({ example: 'default' }),
  PORT: wholeNumber(0, 65_535).default(3000).meta({ example: '3000' }),
  HOST: z
    .string()
    .regex(/^\S+$/, 'must be a host name or an address')
    .default('0.0.0.0')
    .meta({ example: '0.0.0.0' }),
  PUBLIC_URL: text
    .transform(parsed(readUrl(http, { allowPath: true })))
    .meta({ example: 'https://timework.workmeter.com' }),
  PREVIOUS_PUBLIC_URLS: z
    .string()
    .default('')
    .transform(parsed(readList(readUrl(http, { allowPath: true }))))
    .meta({ example: 'https://old.workmeter.com,https://older.workmeter.com' }),
  ENCRYPTION_KEYS: text
    .transform(parsed(readEncryptionKeys))
    .meta({ example: '2026a:<32 random bytes in base64>, as in: echo "2026a:$(openssl rand -base64 32)"' }),
  // Shorter secrets can be guessed offline from one token.
  AUTH_SECRET: z
    .string()
    .min(16, 'must have at least 16 characters')
    .optional()
    .meta({ example: 'the output of: openssl rand -hex 32' }),
  AUTH_JWKS_URL: z
    .string()
    .transform(
      parsed((raw) =>
        URL.canParse(raw) && /^https?:$/.test(new URL(raw).protocol)
          ? { value: raw }
          : { wrong: 'must be a URL that starts with https:// or http://' },
      ),
    )
    .optional()
    .meta({ example: 'https://login.example.com/.well-known/jwks.json' }),
  AUTH_ISSUER: z.string().optional().meta({ example: 'https://login.example.com' }),
  AUTH_AUDIENCE: z.string().optional().meta({ example: 'workmeter' }),
  FACTORIAL_EXTRA_HOSTS: z
    .string()
    .default('')
    .transform(parsed(readList(readUrl(http, { allowPath: false }))))
    .meta({ example: 'http://localhost:4010' }),
  FACTORIAL_TOKEN_OWNER: z
    .enum(tokenOwners, { error: `must be ${tokenOwners.join(' or ')}` })
    .default('company')
    .meta({ example: 'company' }),
  FACTORIAL_API_VERSION: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}$/, 'must be a date')
    .default('2026-10-01')
    .meta({ example: '2026-10-01' }),
  FACTORIAL_REQUESTS_PER_MINUTE: wholeNumber(1, 100_000).default(180).meta({ example: '180' }),
  FACTORIAL_PLAN_REQUESTS_PER_NIGHT: wholeNumber(1, 1_000_000).default(10_000).meta({ example: '10000' }),
  NIGHTLY_HOUR: wholeNumber(0, 23).default(2).meta({ example: '2' }),
  INBOX_RETENTION_DAYS: wholeNumber(1, 3_650).default(30).meta({ example: '30' }),
  CHANGES_RETENTION_DAYS: wholeNumber(1, 3_650).default(90).meta({ example: '90' }),
  // Failures of the last week are counted on the card.
  HISTORY_RETENTION_DAYS: wholeNumber(8, 3_650).default(90).meta({ example: '90' }),
  HOLIDAY_POLL_MINUTES: wholeNumber(1, 10_080).default(60).meta({ example: '60' }),
  // Unset: workers take whatever is there, as in development. Set: a rolling deploy moves workflows from version to version.
  WORKER_DEPLOYMENT: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,100}$/, 'must be letters, digits, _ and -')
    .optional()
    .meta({ example: 'factorial-sync' }),
  WORKER_BUILD_ID: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,100}$/, 'must be letters, digits, dots, _ and -')
    .optional()
    .meta({ example: '2026-11-26.1' }),
  WORKER_METRICS_PORT: wholeNumber(1, 65_535).optional().meta({ example: '9464' }),
  // Unset: nothing is traced, and what could is not even loaded.
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .string()
    .transform(parsed(readUrl(http, { allowPath: true })))
    .optional()
    .meta({ example: 'http://otel-collector:4318' }),
  OTEL_EXPORTER_OTLP_HEADERS: z
    .string()
    .default('')
    .transform(parsed(readHeaders))
    .meta({ example: 'authorization=Bearer%20abc' }),
  OTEL_TRACES_SAMPLER_ARG: z
    .string()
    .regex(/^(?:0(?:\.\d{1,6})?|1(?:\.0{1,6})?)$/, 'must be a number from 0 to 1')
    .default('1')
    .transform(Number)
    .meta({ example: '0.05' }),
  DATA_DIR: z.string().default('.data').meta({ example: '.data' }),
  WEB_DIR: z.string().optional().meta({ example: 'web/dist' }),
  HOST_PAGE_ORIGINS: z
    .string()
    .default('')
    .transform(parsed(readList(readUrl(http, { allowPath: false }))))
    .meta({ example: 'https://app.workmeter.com' }),
  LOG_LEVEL: z
    .enum(logLevels, { error: `must be one of ${logLevels.join(', ')}` })
    .default('info')
    .meta({ example: 'info' }),
};
