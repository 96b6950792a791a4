import type { AddCommand, JsonOption } from '../command.ts';
import { jsonOption, sections } from '../command.ts';
import { loadConfig } from '../../platform/config.ts';
import { createCipher } from '../../repositories/cipher.ts';
import { reencryptAll } from '../../repositories/reencrypt.ts';
import { renderTable } from '../table.ts';

/** `keys rotate`: after a new key was put first in ENCRYPTION_KEYS and every process was restarted with it. */
export const addKeys: AddCommand = (program, run, io) => {
  program
    .command('keys')
    .description('the encryption keys')
    .command('rotate')
    .description(
      'encrypts with the first key of ENCRYPTION_KEYS what an older key encrypted; without downtime',
    )
    .addOption(jsonOption())
    .action((options: JsonOption) =>
      run(options, async (session) => {
        const { encryptionKeys } = loadConfig('keys', io.env);
        const results = await reencryptAll(
          session.db(),
          createCipher(encryptionKeys),
          encryptionKeys[0]?.id ?? '',
        );
        const unreadable = results.reduce((sum, one) => sum + one.unreadable, 0);
        const verdict =
          unreadable === 0
            ? `Everything is encrypted with the key «${encryptionKeys[0]?.id ?? ''}». Older keys may be removed.`
            : `${unreadable} values need a key that ENCRYPTION_KEYS lacks. Add it and run this again.`;
        const table = renderTable(
          ['column', 'rotated', 'unreadable'],
          results.map((one) => [one.column, one.rotated, one.unreadable]),
        );
        return { data: results, text: sections(table, verdict), ok: unreadable === 0 };
      }),
    );
};
