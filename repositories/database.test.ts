import { describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { repeatingConflicts } from './database.ts';
import { Prisma } from './generated/client.ts';

const told = (code: string) => Object.assign(new pg.DatabaseError('failed', 0, 'error'), { code });
const toldByPrisma = (originalCode: string) =>
  new Prisma.PrismaClientKnownRequestError('failed', {
    code: 'P2010',
    meta: { driverAdapterError: { cause: { originalCode } } },
    clientVersion: '7',
  });

describe('a statement', () => {
  it.each([
    ['lost a deadlock', told('40P01')],
    ['could not be serialized', told('40001')],
    ['lost a deadlock, as Prisma tells it', toldByPrisma('40P01')],
  ])('that %s is run again', async (_, error) => {
    const failures = [error, error];
    let runs = 0;

    const result = await repeatingConflicts(async () => {
      runs += 1;
      const failure = failures.pop();
      if (failure !== undefined) throw failure;
      return 'done';
    });

    expect([result, runs]).toEqual(['done', 3]);
  });

  it.each([
    ['breaks a rule of the table', told('23505')],
    ['breaks a rule of the table, as Prisma tells it', toldByPrisma('23505')],
    ['meets a server that shuts down', told('57P01')],
  ])('that %s is not', async (_, error) => {
    let runs = 0;

    const failed = repeatingConflicts(async () => {
      runs += 1;
      throw error;
    });

    await expect(failed).rejects.toBe(error);
    expect(runs).toBe(1);
  });

  it('that never comes through is given up', async () => {
    let runs = 0;

    const failed = repeatingConflicts(async () => {
      runs += 1;
      throw told('40P01');
    });

    await expect(failed).rejects.toThrow('failed');
    expect(runs).toBe(5);
  });
});
