import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { DomainError } from '../domain/errors.ts';
import { isDatabaseAway } from './database-away.ts';
import { Prisma } from './generated/client.ts';

const known = (code: string, meta: Record<string, unknown> = {}) =>
  new Prisma.PrismaClientKnownRequestError('failed', { code, meta, clientVersion: '7' });
const coded = (code: string) => Object.assign(new Error('failed'), { code });
const ofDriver = (originalCode: string) =>
  known('P2010', { driverAdapterError: { cause: { originalCode } } });

describe('a database that is away', () => {
  it.each([
    ['cannot be reached', known('P1001')],
    ['has no free connection in time', known('P2024')],
    ['closed the connection', known('P1017')],
    ['refuses connections', coded('ECONNREFUSED')],
    ['is being shut down', ofDriver('57P01')],
    ['is starting', coded('57P03')],
    ['is full', ofDriver('53300')],
    ['broke the connection', new Error('Connection terminated unexpectedly')],
    [
      'closed the connection in a raw query',
      known('P2010', { driverAdapterError: { cause: { kind: 'ConnectionClosed' } } }),
    ],
    [
      'broke the connection of another realm',
      runInNewContext("Object.assign(new Error('failed'), { code: 'ECONNRESET' })") as Error,
    ],
    ['is named by a cause', new Error('outer', { cause: coded('ECONNRESET') })],
  ])('is told when it %s', (_, error) => {
    expect(isDatabaseAway(error)).toBe(true);
  });

  it.each([
    ['a unique key is taken', known('P2002')],
    ['a statement is wrong', ofDriver('42601')],
    ['a deadlock was broken', ofDriver('40P01')],
    ['a rule of ours refuses', new DomainError('conflict', 'Connection terminated')],
    ['code is wrong', new TypeError('Connection terminated')],
    ['nothing was thrown', undefined],
  ])('is not told when %s', (_, error) => {
    expect(isDatabaseAway(error)).toBe(false);
  });
});
