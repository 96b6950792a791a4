import { describe, expect, it } from '@jest/globals';
import { configProblems } from '../platform/config.ts';
import { makePlan } from './plan.ts';

const data = {
  path: '.data',
  postgres: '.data/postgres',
  temporal: '.data/temporal.db',
  logFile: (name: string) => `.data/logs/${name}.log`,
  secrets: {
    encryptionKeys: `dev:${Buffer.alloc(32, 7).toString('base64')}`,
    authSecret: 'a-secret-of-a-development-stack',
    postgresPassword: 'a-password',
  },
};
const ports = { PORT: '0', PG_PORT: '0', TEMPORAL_PORT: '0', TEMPORAL_UI_PORT: '0', SIMULATOR_PORT: '0' };

describe('makePlan', () => {
  it('completes the environment of every process', async () => {
    const { env, databaseUrl } = await makePlan(data, { simulator: true, env: ports });

    const told = { ...env, DATABASE_URL: 'postgresql://localhost/workmeter' };
    expect(databaseUrl).toBeNull();
    expect(configProblems('api', told)).toEqual([]);
    expect(configProblems('worker', told)).toEqual([]);
  });

  it('names everything that is wrong at once: ports, what the API reads, what only the worker reads', async () => {
    const env = { ...ports, PORT: 'http', PG_PORT: '70000', NIGHTLY_HOUR: '24', WORKER_METRICS_PORT: 'no' };

    await expect(makePlan(data, { simulator: true, env })).rejects.toMatchObject({
      problems: [
        expect.stringMatching(/^PORT must/),
        expect.stringMatching(/^PG_PORT must/),
        expect.stringMatching(/^NIGHTLY_HOUR must/),
        expect.stringMatching(/^WORKER_METRICS_PORT must/),
      ],
    });
  });
});
