import { describe, expect, it } from '@jest/globals';
import type { Connection } from '@temporalio/client';
import { givenVariables } from './config.ts';
import { compareSearchAttributes, connectionOptions, ensureNamespaceSetup } from './temporal.ts';

const wanted = { TenantId: 'KEYWORD', OpenFailures: 'INT' } as const;
const refusing = (code: number): Connection =>
  ({
    operatorService: {
      listSearchAttributes: async () => {
        throw Object.assign(new Error('no'), { code });
      },
    },
  }) as unknown as Connection;
const knowing = (customAttributes: Record<string, number>): Connection =>
  ({
    operatorService: { listSearchAttributes: async () => ({ customAttributes }) },
  }) as unknown as Connection;

describe('search attributes', () => {
  it('are compared by name and type', async () => {
    expect(await compareSearchAttributes(knowing({ TenantId: 1 }), 'default', wanted)).toEqual({
      missing: ['OpenFailures'],
      wrong: [{ name: 'TenantId', type: 'TEXT' }],
    });
  });

  it('stop a start where one has another type', async () => {
    await expect(
      ensureNamespaceSetup(knowing({ TenantId: 1, OpenFailures: 3 }), 'default', wanted),
    ).rejects.toThrow(/TenantId must be KEYWORD, is TEXT/);
  });

  it.each([
    [7, 'denied'],
    [12, 'not there'],
  ])('are set-up work where the operator service is %i (%s)', async (code) => {
    expect(await ensureNamespaceSetup(refusing(code), 'default', wanted)).toBe('not_offered');
  });

  it('say that the namespace cannot be read on any other error', async () => {
    await expect(ensureNamespaceSetup(refusing(14), 'default', wanted)).rejects.toThrow(/cannot be read/);
  });
});

describe('the standard settings of a Temporal client', () => {
  const address = 'temporal:7233';
  const settings = { address, namespace: 'default' };

  it('are not set where they are empty', () => {
    const empty = givenVariables({
      TEMPORAL_API_KEY: '',
      TEMPORAL_TLS: '',
      TEMPORAL_TLS_CLIENT_CERT_PATH: '',
    });

    expect(connectionOptions(settings, empty)).toEqual({ address });
  });

  it('turn on TLS with an API key', () => {
    expect(connectionOptions(settings, givenVariables({ TEMPORAL_API_KEY: 'a-key' }))).toEqual({
      address,
      apiKey: 'a-key',
      tls: true,
    });
  });
});
