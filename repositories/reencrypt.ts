import type { Cipher } from './cipher.ts';
import type { Database } from './database.ts';
import { Prisma } from './generated/client.ts';

/** Every column that holds ciphertext, with the key of its row. */
export const encryptedColumns = [
  { table: 'credential_versions', column: 'client_secret', key: ['tenant_id', 'version'] },
  { table: 'token_pairs', column: 'access_token', key: ['tenant_id'] },
  { table: 'token_pairs', column: 'refresh_token', key: ['tenant_id'] },
  { table: 'authorization_attempts', column: 'code', key: ['tenant_id', 'id'] },
  { table: 'authorization_attempts', column: 'pair', key: ['tenant_id', 'id'] },
  { table: 'subscriptions', column: 'key', key: ['tenant_id', 'id'] },
  { table: 'subscriptions', column: 'challenge', key: ['tenant_id', 'id'] },
  { table: 'inbox', column: 'body', key: ['tenant_id', 'id'] },
] as const;

const batchSize = 500;

export interface ReencryptResult {
  readonly column: string;
  readonly rotated: number;
  /** Rows whose key is not in the ring any more: they stay as they are. */
  readonly unreadable: number;
}

/**
 * Encrypts with the first key of the ring whatever an older key encrypted. Each row is written only where it is still as it
 * was read, so that it runs beside live traffic; safe to repeat and to stop.
 */
export async function reencryptAll(
  db: Database,
  cipher: Cipher,
  currentKeyId: string,
): Promise<ReencryptResult[]> {
  const results: ReencryptResult[] = [];
  for (const target of encryptedColumns)
    results.push(await reencryptColumn(db, cipher, currentKeyId, target));
  return results;
}

async function reencryptColumn(
  db: Database,
  cipher: Cipher,
  currentKeyId: string,
  { table, column, key }: (typeof encryptedColumns)[number],
): Promise<ReencryptResult> {
  const [name, enc] = [Prisma.raw(`"${table}"`), Prisma.raw(`"${column}_enc"`)];
  const keyText = Prisma.raw(`concat_ws(':', ${key.map((part) => `"${part}"::text`).join(', ')})`);
  let [rotated, unreadable, after] = [0, 0, ''];
  for (;;) {
    const rows = await db.$queryRaw<{ rowKey: string; tenantId: string; text: string }[]>`
      SELECT ${keyText} AS "rowKey", tenant_id AS "tenantId", ${enc} AS text FROM ${name}
      WHERE ${enc} IS NOT NULL AND NOT starts_with(${enc}, ${`v1.${currentKeyId}.`}) AND ${keyText} > ${after}
      ORDER BY ${keyText} LIMIT ${batchSize}`;
    for (const { rowKey, tenantId, text } of rows) {
      const place = { tenantId, column: `${table}.${column}` };
      const plain = tryDecrypt(cipher, text, place);
      if (plain === null) unreadable += 1;
      else {
        rotated += await db.$executeRaw`
          UPDATE ${name} SET ${enc} = ${cipher.encrypt(plain, place)} WHERE ${keyText} = ${rowKey} AND ${enc} = ${text}`;
      }
    }
    const last = rows.at(-1);
    if (last === undefined) return { column: `${table}.${column}`, rotated, unreadable };
    after = last.rowKey;
  }
}

function tryDecrypt(
  cipher: Cipher,
  text: string,
  place: { tenantId: string; column: string },
): string | null {
  try {
    return cipher.decrypt(text, place);
  } catch {
    return null;
  }
}
