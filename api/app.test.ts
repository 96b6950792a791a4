import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import { expect, it } from '@jest/globals';
import { createCipher, hashSecret } from '../repositories/cipher.ts';
import { createLogger } from '../platform/logger.ts';
import type { Database } from '../repositories/database.ts';
import { buildApp } from './app.ts';
import { createMetrics } from './metrics.ts';

const challenge = 'the-challenge';
const subscription = {
  tenantId: 'acme',
  id: 'a7a8e3bc-7d3e-4d5e-8f75-2cf6c2f3e3b1',
  type: 'timeoff/leave/update',
  challengeHash: hashSecret(challenge),
  retiredAt: null,
  dropUntil: null,
};

/** A database that knows one subscription, and stores deliveries when `mayStore` says so. */
const databaseOf = (store: () => Promise<void>): Database =>
  ({
    $queryRawUnsafe: async (statement: string) => {
      if (!statement.includes('INSERT')) return [subscription];
      await store();
      return [];
    },
  }) as unknown as Database; // all that the webhook route asks of it

const notAsked = async (): Promise<never> => {
  throw new Error('Nobody asks for this.');
};

it('a deployment in the middle of deliveries refuses none that comes over an open connection', async () => {
  let letStore = (): void => undefined;
  const mayStore = new Promise<void>((resolve) => (letStore = resolve));
  let stores = 0;
  const app = await buildApp({
    db: databaseOf(async () => {
      stores += 1;
      await mayStore;
    }),
    config: {
      publicUrl: 'https://timework.example.com',
      previousPublicUrls: [],
      factorialExtraHosts: [],
      factorialTokenOwner: 'company',
      nightlyHour: 2,
    },
    cipher: createCipher([{ id: 'test', key: new Uint8Array(32) }]),
    relay: { notify: () => undefined },
    metrics: createMetrics(),
    logger: createLogger({ process: 'api', level: 'silent' }),
    now: Date.now,
    auth: { verify: notAsked },
    doorbell: { ring: notAsked, close: notAsked },
    replays: { start: notAsked, cancel: notAsked },
    temporal: { isReachable: notAsked },
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
  let answers = '';
  socket.setEncoding('utf8').on('data', (text: string) => (answers += text));
  const deliver = (id: string): void => {
    const body = JSON.stringify({ id });
    const head = [
      `POST /webhooks/factorial/key/timeoff.leave.update HTTP/1.1`,
      'host: timework.example.com',
      `x-factorial-wh-challenge: ${challenge}`,
      'content-type: application/json',
      `content-length: ${body.length}`,
    ];
    socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  };

  deliver('1');
  while (stores < 1) await turn();
  const closed = app.close();
  await turn();
  deliver('2');
  while (stores < 2) await turn();
  letStore();
  await Promise.all([closed, once(socket, 'close')]);

  expect(answers.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200']);
});

/** One turn of the event loop, and what the network brings meanwhile. */
const turn = () => new Promise<void>((resolve) => setTimeout(resolve, 1));
