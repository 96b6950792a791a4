import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { loadConfig, type ProcessName } from '../../platform/config.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = `${root}deploy/kubernetes/`;

const Probe = z.object({ httpGet: z.object({ path: z.string(), port: z.string() }) });
const Container = z.object({
  name: z.enum(['api', 'worker', 'migrate']),
  command: z.array(z.string()),
  ports: z.array(z.object({ name: z.string(), containerPort: z.number() })).default([]),
  env: z
    .array(
      z.object({
        name: z.string(),
        value: z.string().optional(),
        valueFrom: z.record(z.string(), z.object({ name: z.string(), key: z.string() })).optional(),
      }),
    )
    .default([]),
  envFrom: z.array(z.record(z.string(), z.object({ name: z.string() }))).default([]),
  readinessProbe: Probe.optional(),
  startupProbe: Probe.optional(),
  livenessProbe: Probe.optional(),
  securityContext: z.object({
    allowPrivilegeEscalation: z.literal(false),
    readOnlyRootFilesystem: z.literal(true),
    capabilities: z.object({ drop: z.tuple([z.literal('ALL')]) }),
  }),
  resources: z.object({
    requests: z.object({ memory: z.string() }),
    limits: z.object({ memory: z.string() }),
  }),
});
const Pod = z.object({
  terminationGracePeriodSeconds: z.number().optional(),
  securityContext: z.object({ runAsNonRoot: z.literal(true) }),
  containers: z.tuple([Container]),
});
const Workload = z.object({ spec: z.object({ template: z.object({ spec: Pod }) }) });

const documents = readdirSync(folder).flatMap((file) =>
  parseAllDocuments(readFileSync(folder + file, 'utf8')).map((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS() as Record<string, unknown> & { kind: string };
  }),
);
const pods = documents
  .filter(({ kind }) => kind === 'Deployment' || kind === 'Job')
  .map((document) => Workload.parse(document).spec.template.spec);

/** Values of the ConfigMap and of the example Secret, under their one name. */
const values: Record<string, Record<string, string>> = {
  configMap: valuesOf('ConfigMap', 'data'),
  secret: valuesOf('Secret', 'stringData'),
};

function valuesOf(kind: string, field: string): Record<string, string> {
  const found = documents.filter((document) => document.kind === kind);
  expect(found.map(({ metadata }) => metadata)).toEqual([{ name: 'workmeter' }]);
  return z.record(z.string(), z.string()).parse(found[0]?.[field]);
}

function environmentOf({ env, envFrom }: z.infer<typeof Container>): Record<string, string> {
  const whole = envFrom.flatMap((source) =>
    Object.keys(source).flatMap((ref) => Object.entries(values[ref.replace('Ref', '')] ?? {})),
  );
  const single = env.map(({ name, value, valueFrom = {} }) => {
    const [source] = Object.entries(valueFrom).map(
      ([ref, { key }]) => values[ref.replace('KeyRef', '')]?.[key],
    );
    return [name, value ?? source ?? ''] as const;
  });
  return Object.fromEntries([...whole, ...single]);
}

const known = [
  ...readFileSync(`${root}platform/config-variables.ts`, 'utf8').matchAll(/^ {2}([A-Z_]+):/gm),
].map(([, name]) => name);

describe('the Kubernetes manifests', () => {
  it('have every process', () => {
    expect(pods.map(({ containers: [{ name }] }) => name).toSorted()).toEqual(['api', 'migrate', 'worker']);
  });

  it.each(pods.map((pod) => [pod.containers[0].name, pod] as const))(
    '%s gets a configuration that it accepts, and no variable that nobody reads',
    (name, { containers: [container] }) => {
      const environment = environmentOf(container);

      const config = loadConfig(name satisfies ProcessName, environment);

      expect(config.databaseUrl).toMatch(/^postgresql:/);
      for (const variable of Object.keys(environment)) expect(known).toContain(variable);
    },
  );

  it.each(pods.map((pod) => [pod.containers[0].name, pod] as const))(
    '%s starts a program that the build makes, and asks for health where it answers',
    (_name, { containers: [{ command, ports, readinessProbe, startupProbe, livenessProbe }] }) => {
      const program = command.find((word) => word.startsWith('dist/')) ?? '';
      expect(existsSync(root + program.replace(/^dist\/(.*)\.js$/, '$1.ts'))).toBe(true);
      for (const probe of [readinessProbe, startupProbe, livenessProbe]) {
        if (probe === undefined) continue;
        expect(ports.map((port) => port.name)).toContain(probe.httpGet.port);
        expect(['/readyz', '/healthz', '/metrics']).toContain(probe.httpGet.path);
      }
    },
  );

  it('give API and worker longer to stop than they take', () => {
    const lasting = pods.filter(({ containers: [{ name }] }) => name !== 'migrate');

    for (const pod of lasting) expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(30);
  });

  it('hold no real secret', () => {
    expect(values['secret']?.['ENCRYPTION_KEYS']).toBe(`example:${Buffer.alloc(32).toString('base64')}`);
    expect(values['secret']?.['AUTH_SECRET']).toContain('change-me');
  });
});
