import { describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { loadConfig, variablesOf } from '../../platform/config.ts';
import type { ProcessName } from '../../platform/config.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

interface Service {
  image?: string;
  build?: string;
  command?: string[];
  environment?: Record<string, string>;
  depends_on?: Record<string, { condition: string }>;
  stop_grace_period?: string;
  read_only?: boolean;
  cap_drop?: string[];
  healthcheck?: { test: string[] };
}

interface Compose {
  services: Record<string, Service>;
  configs: Record<string, { content: string }>;
}

/** What a person exports before `docker compose up`. */
const exported = {
  ENCRYPTION_KEYS: `2026a:${Buffer.alloc(32, 1).toString('base64')}`,
  AUTH_SECRET: 'a-secret-for-this-test-only',
};

const written = parse(read('docker-compose.yml'), { merge: true }) as Compose;
const compose = substituted(written) as Compose;
const dockerfile = read('Dockerfile');

describe('docker-compose.yml', () => {
  it('obeys the Compose specification', () => {
    const ajv = new Ajv({ strict: false, allErrors: true, logger: false });
    const file = createRequire(import.meta.url)
      .resolve('dclint/package.json')
      .replace('package.json', 'schemas/compose.schema.json');
    const { $schema: _draft, ...schema } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    const validate = ajv.compile(schema);

    validate(written);

    expect(validate.errors ?? []).toEqual([]);
  });

  it('has every part of the product', () => {
    expect(Object.keys(compose.services)).toEqual(
      expect.arrayContaining(['postgres', 'temporal', 'temporal-ui', 'migrate', 'api', 'worker']),
    );
  });

  it.each<[string, ProcessName]>([
    ['api', 'api'],
    ['worker', 'worker'],
    ['migrate', 'migrate'],
  ])('gives %s a configuration that it accepts, and no variable that nobody reads', (service, name) => {
    const environment = compose.services[service]?.environment ?? {};

    const config = loadConfig(name, environment);

    expect(config.databaseUrl).toBe('postgresql://workmeter:workmeter@postgres:5432/workmeter');
    for (const variable of Object.keys(environment)) expect(knownVariables).toContain(variable);
  });

  it.each(['api', 'worker', 'migrate'])('starts %s with a program that the build makes', (service) => {
    const { command = [], build } = compose.services[service] ?? {};
    const [program] = command.filter((word) => word.startsWith('dist/'));

    expect(build).toBe('.');
    expect(command[0]).toBe('node');
    expect(existsSync(join(root, String(program).replace(/^dist\/(.*)\.js$/, '$1.ts')))).toBe(true);
  });

  it('names only services that exist, and waits for health only where there is a check', () => {
    for (const { depends_on: dependencies = {} } of Object.values(compose.services)) {
      for (const [name, { condition }] of Object.entries(dependencies)) {
        expect(compose.services).toHaveProperty(name);
        if (condition === 'service_healthy') expect(compose.services[name]).toHaveProperty('healthcheck');
      }
    }
  });

  it.each(['api', 'worker'])('gives %s longer to stop than it takes at most', (service) => {
    expect(Number.parseInt(compose.services[service]?.stop_grace_period ?? '0', 10)).toBeGreaterThan(30);
  });

  it.each(['api', 'worker', 'migrate'])('lets %s write nowhere and take no rights', (service) => {
    expect(compose.services[service]).toMatchObject({ read_only: true, cap_drop: ['ALL'] });
  });

  it.each<[string, number]>([
    ['api', 3000],
    ['worker', 9464],
  ])('looks after the health of %s at the port that it gets', (service, port) => {
    const { healthcheck, environment } = compose.services[service] ?? {};

    expect(healthcheck?.test.join(' ')).toContain(`http://127.0.0.1:${port}/`);
    expect([environment?.['PORT'], environment?.['WORKER_METRICS_PORT']]).toContain(String(port));
  });

  it.each<[string, ProcessName]>([
    ['api', 'api'],
    ['worker', 'worker'],
    ['migrate', 'migrate'],
  ])('lets everything of %s be set that its configuration knows', (service, name) => {
    // Where a container keeps nothing, and what the image has inside.
    const inside = ['DATA_DIR', 'WEB_DIR'];

    const given = Object.keys(compose.services[service]?.environment ?? {});

    expect(variablesOf(name).filter((one) => !inside.includes(one) && !given.includes(one))).toEqual([]);
  });

  it('makes the server fair between tenants', () => {
    const settings = parse(compose.configs['temporal-dynamic-config']?.content ?? '') as Record<
      string,
      unknown
    >;

    expect(settings).toEqual({
      'matching.enableFairness': [{ value: true }],
      'matching.numTaskqueueReadPartitions': [{ value: 1 }],
      'matching.numTaskqueueWritePartitions': [{ value: 1 }],
    });
  });
});

describe('Dockerfile', () => {
  it('copies only what is there', () => {
    const sources = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, list]) =>
      (list ?? '').split(' '),
    );

    expect(sources.length).toBeGreaterThan(0);
    for (const source of sources) expect(existsSync(join(root, source))).toBe(true);
  });

  it('runs scripts of package.json only', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };

    for (const [, name] of dockerfile.matchAll(/npm run (\S+)/g))
      expect(scripts).toHaveProperty(String(name));
  });

  it('does not run as root', () => {
    expect(dockerfile.slice(dockerfile.lastIndexOf('FROM'))).toMatch(/^USER node$/m);
  });
});

const knownVariables = [...read('platform/config-variables.ts').matchAll(/^ {2}([A-Z_]+):/gm)].map(
  ([, name]) => name,
);

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

/** As Compose does it: in the values, once the file is read. */
function substituted(node: unknown): unknown {
  if (typeof node === 'string') return substitute(node, exported);
  if (Array.isArray(node)) return node.map(substituted);
  if (node === null || typeof node !== 'object') return node;
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, substituted(value)]));
}

/** `${NAME:-default}`, `${NAME:?message}` and `$$`, as Compose reads them. */
function substitute(value: string, env: Record<string, string>): string {
  return value.replace(
    /\$\$|\$\{([A-Z_]+)(?::([-?])([^}]*))?\}/g,
    (whole, name: string | undefined, kind: string, rest: string) => {
      if (name === undefined) return '$';
      const value = env[name];
      if (value) return value;
      if (kind === '?') throw new Error(`${name}: ${rest}`);
      return rest ?? whole;
    },
  );
}
