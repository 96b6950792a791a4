import { Command } from 'commander';
import { configOrExit } from '../../platform/config.ts';
import { createCipher } from '../../repositories/cipher.ts';
import { createDatabase } from '../../repositories/database.ts';
import { reencryptAll } from '../../repositories/reencrypt.ts';

/** `keys rotate`: after a new key was put first in ENCRYPTION_KEYS and every process was restarted with it. */
export function keysCommand(): Command {
  return new Command('keys').description('the encryption keys').addCommand(
    new Command('rotate')
      .description(
        'encrypts with the first key of ENCRYPTION_KEYS what an older key encrypted; without downtime',
      )
      .option('--json', 'print JSON')
      .action(async ({ json }: { json?: boolean }) => {
        const { databaseUrl, encryptionKeys } = configOrExit('keys');
        const [first] = encryptionKeys;
        if (first === undefined) return;
        const db = createDatabase(databaseUrl, 2);
        try {
          const results = await reencryptAll(db, createCipher(encryptionKeys), first.id);
          if (json === true) console.log(JSON.stringify(results));
          else console.table(results);
          const unreadable = results.reduce((sum, one) => sum + one.unreadable, 0);
          if (unreadable === 0)
            return console.log(
              `Everything is encrypted with the key «${first.id}». Older keys may be removed.`,
            );
          console.error(
            `${unreadable} values need a key that ENCRYPTION_KEYS lacks. Add it and run this again.`,
          );
          process.exitCode = 1;
        } finally {
          await db.$disconnect();
        }
      }),
  );
}
