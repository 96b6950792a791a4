import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { SignJWT } from 'jose';
import { pino } from 'pino';
import { buildApp } from '../../../api/app.ts';
import type { AppConfig, AppDeps } from '../../../api/app-deps.ts';
import type { Doorbell, RingName, Rings } from '../../../api/doorbell.ts';
import { createMetrics } from '../../../api/metrics.ts';
import { createTokenVerifier } from '../../../api/token-verifier.ts';
import { createCipher } from '../../../repositories/cipher.ts';
import { createDatabase, type Database } from '../../../repositories/database.ts';
import { createTestDatabase } from '../../support/database.ts';

export const authSecret = 'a-secret-of-the-tests-32-characters';

export const testConfig: AppConfig = {
  publicUrl: 'https://timework.example.com',
  previousPublicUrls: [],
  factorialExtraHosts: ['http://localhost:4010'],
  factorialTokenOwner: 'company',
  nightlyHour: 2,
};

export interface Ring {
  tenantId: string;
  name: RingName;
  arg: Rings[RingName];
}

export interface TestApp {
  app: FastifyInstance;
  /** Where it listens. */
  url: string;
  db: Database;
  deps: AppDeps;
  /** What the app rang for, oldest first. */
  rings: Ring[];
  /** The tenants that the relay was told about. */
  notified: string[];
  /** What was asked of replay workflows. */
  replays: string[][];
  /** Everything that was logged. */
  logged(): string;
  /** A request with a token: of an admin of `tenant` with the feature, unless told. */
  call(options: CallOptions): Promise<Answer>;
  close(): Promise<void>;
}

export interface CallOptions {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  url: string;
  /** Sent as JSON; text and bytes as they are. */
  body?: unknown;
  tenant?: string;
  token?: string | null;
  headers?: Record<string, string>;
}

export interface Answer {
  status: number;
  /** Parsed JSON; the tests know the shape they ask for. */
  body: any; // oxlint-disable-line no-explicit-any -- answers are compared field by field
  headers: Record<string, string>;
  text: string;
}

/** The whole API on a database of its own; Temporal is a recorder at the doorbell. */
export async function createTestApp(overrides: Partial<AppDeps> = {}): Promise<TestApp> {
  const testDatabase = await createTestDatabase();
  const ownDb = createDatabase(testDatabase.url, 5);
  const rings: Ring[] = [];
  const notified: string[] = [];
  const replays: string[][] = [];
  let log = '';
  const doorbell: Doorbell = {
    ring: async (tenantId, name, arg) => {
      rings.push({ tenantId, name, arg });
      return 'accepted';
    },
    close: async () => undefined,
  };
  const deps: AppDeps = {
    db: ownDb,
    config: testConfig,
    cipher: createCipher([{ id: 'test', key: Buffer.alloc(32, 7) }]),
    auth: createTokenVerifier({ secret: authSecret }),
    doorbell,
    relay: { notify: (tenantId) => void notified.push(tenantId) },
    replays: {
      start: async (tenantId, id) => void replays.push(['start', tenantId, id]),
      cancel: async (id) => void replays.push(['cancel', id]),
    },
    temporal: { isReachable: async () => true },
    metrics: createMetrics(),
    logger: pino({ level: 'trace' }, { write: (line: string) => void (log += line) }),
    now: () => Date.now(),
    effectWaitMs: 60,
    ...overrides,
  };
  const app = await buildApp(deps);
  await app.listen({ host: '127.0.0.1', port: 0 });
  const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  return {
    app,
    url,
    db: deps.db,
    deps,
    rings,
    notified,
    replays,
    logged: () => log,
    call: async (options) => await call(url, options),
    close: async () => {
      await app.close();
      await ownDb.$disconnect();
      await testDatabase.drop();
    },
  };
}

async function call(origin: string, options: CallOptions): Promise<Answer> {
  const { method = 'GET', url, body, tenant = 'acme', token, headers = {} } = options;
  const bearer = token === undefined ? await makeToken({ tenant }) : token;
  const response = await fetch(`${origin}${url}`, {
    method,
    headers: {
      ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: isRaw(body) ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const answered = Object.fromEntries(response.headers);
  const isJson = /json/.test(answered['content-type'] ?? '');
  return { status: response.status, headers: answered, text, body: isJson ? JSON.parse(text) : undefined };
}

const isRaw = (body: unknown): body is string | Uint8Array =>
  typeof body === 'string' || body instanceof Uint8Array;

export interface TokenClaims {
  sub?: string;
  tenant?: string;
  roles?: string[];
  features?: string[];
  /** Seconds from now; null for a token that never expires. */
  expiresIn?: number | null;
  secret?: string;
}

/** A token as the identity provider of WorkMeter would sign it. */
export async function makeToken({
  sub = 'ana',
  tenant = 'acme',
  roles = ['admin'],
  features = ['time@work'],
  expiresIn = 600,
  secret = authSecret,
}: TokenClaims = {}): Promise<string> {
  const jwt = new SignJWT({ tenant, roles, features }).setProtectedHeader({ alg: 'HS256' }).setSubject(sub);
  if (expiresIn !== null) jwt.setExpirationTime(Math.floor(Date.now() / 1000) + expiresIn);
  return await jwt.sign(new TextEncoder().encode(secret));
}
