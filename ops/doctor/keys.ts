import { loadConfig } from '../../platform/config.ts';
import { createCipher } from '../../repositories/cipher.ts';
import type { Database } from '../../repositories/database.ts';
import { findUnreadable } from '../../repositories/unreadable.ts';
import type { OpsIo } from '../session.ts';
import { ok, wrong, type Finding } from './finding.ts';

const check = 'keys';

/** Whether the ring of this environment decrypts what is stored; where it has none, nothing is said of it. */
export async function examineKeys(db: Database, { env }: OpsIo): Promise<Finding[]> {
  if (!env['ENCRYPTION_KEYS']?.trim())
    return [ok(check, 'not set here; run doctor where ENCRYPTION_KEYS is, to see whether they fit')];
  const unreadable = await findUnreadable(db, createCipher(loadConfig('keys', env).encryptionKeys));
  if (unreadable.length === 0) return [ok(check, 'ENCRYPTION_KEYS decrypt what is stored')];
  return unreadable.map(({ column, keyId, rows }) =>
    wrong(
      check,
      `${rows} values of ${column} cannot be decrypted; they name the key «${keyId}»`,
      `Put the key that «${keyId}» was when they were written behind the first one of ENCRYPTION_KEYS, on every process (docs/deploy.md, Keys).`,
    ),
  );
}
