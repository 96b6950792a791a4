import { PrismaPg } from '@prisma/adapter-pg';
import type { Database } from '../../repositories/database.ts';
import { PrismaClient } from '../../repositories/generated/client.ts';

/**
 * A database whose every statement is parsed and planned once per connection: the same few hundred come again in each history, and
 * planning them costs more than running them on tables as small as these.
 */
export function createPreparedDatabase(url: string): Database {
  const names = new Map<string, string>();
  const statementNameGenerator = ({ sql }: { sql: string }): string => {
    const name = names.get(sql) ?? `s${names.size}`;
    names.set(sql, name);
    return name;
  };
  const pool = { connectionString: url, max: 5, options: '-c plan_cache_mode=force_generic_plan' };
  const adapter = new PrismaPg(pool, { statementNameGenerator });
  return new PrismaClient({ adapter, transactionOptions: { maxWait: 10_000, timeout: 60_000 } });
}
