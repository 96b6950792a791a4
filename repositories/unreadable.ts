import type { Cipher } from './cipher.ts';
import type { Database } from './database.ts';
import { Prisma } from './generated/client.ts';
import { encryptedColumns } from './reencrypt.ts';

/** Values of one column that say that one key encrypted them, and that the ring cannot read. */
export interface UnreadableValues {
  /** `table.column`. */
  readonly column: string;
  readonly keyId: string;
  readonly rows: number;
}

/**
 * What the ring cannot decrypt, by column and key. Of each key one value of a column is tried: what else it encrypted there
 * reads the same. Reads only; nothing that it decrypts leaves it.
 */
export async function findUnreadable(db: Database, cipher: Cipher): Promise<UnreadableValues[]> {
  const found: UnreadableValues[] = [];
  for (const { table, column } of encryptedColumns) {
    const enc = Prisma.raw(`"${column}_enc"`);
    const keys = await db.$queryRaw<{ keyId: string; rows: number; tenantId: string; text: string }[]>`
      SELECT split_part(${enc}, '.', 2) AS "keyId", count(*)::int AS rows,
        (array_agg(tenant_id ORDER BY ${enc}))[1] AS "tenantId", min(${enc}) AS text
      FROM ${Prisma.raw(`"${table}"`)} WHERE ${enc} IS NOT NULL GROUP BY 1 ORDER BY 1`;
    for (const { keyId, rows, tenantId, text } of keys) {
      const place = `${table}.${column}`;
      if (!canDecrypt(cipher, text, tenantId, place)) found.push({ column: place, keyId, rows });
    }
  }
  return found;
}

function canDecrypt(cipher: Cipher, text: string, tenantId: string, column: string): boolean {
  try {
    cipher.decrypt(text, { tenantId, column });
    return true;
  } catch {
    return false;
  }
}
