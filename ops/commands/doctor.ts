import type { AddCommand, JsonOption } from '../command.ts';
import { jsonOption, sections } from '../command.ts';
import { examine } from '../doctor/examine.ts';
import type { Finding } from '../doctor/finding.ts';
import type { Session } from '../session.ts';
import { renderTable } from '../table.ts';

/** `doctor` and `repair`: is everything in order, and what to do where not. */
export const addDoctor: AddCommand = (program, run) => {
  program
    .command('doctor')
    .description(
      'checks configuration, database, Temporal, workers, clocks and tenants; exit 1 where something is wrong',
    )
    .addOption(jsonOption())
    .action((options: JsonOption) =>
      run(options, async (session) => {
        const findings = await examine(session);
        return { data: findings.map(toData), text: toText(findings), ok: findings.every(isNoError) };
      }),
    );

  program
    .command('repair')
    .description('puts right what doctor found and what is safe to put right while the service runs')
    .option('--dry-run', 'only say what it would do')
    .addOption(jsonOption())
    .action((options: JsonOption & { dryRun?: boolean }) =>
      run(options, (session) => repair(session, options.dryRun === true)),
    );
};

async function repair(session: Session, dryRun: boolean) {
  const findings = await examine(session);
  const repairs = findings.flatMap(({ check, repair: one }) =>
    one === undefined ? [] : [{ check, ...one }],
  );
  const done: { check: string; outcome: string }[] = [];
  for (const one of repairs) {
    if (!dryRun) session.io.err(`${one.check}: ${one.plan} …`);
    done.push({ check: one.check, outcome: dryRun ? `would ${one.plan}` : await one.run() });
  }
  const left = findings.filter((finding) => finding.status !== 'ok' && finding.repair === undefined);
  return {
    data: { dryRun, done, left: left.map(toData) },
    text: sections(
      done.length === 0
        ? 'Nothing can be put right from here.'
        : renderTable(
            ['repaired', 'what'],
            done.map((one) => [one.check, one.outcome]),
          ),
      left.length === 0 ? '' : `Left for a person:\n\n${toText(left)}`,
    ),
    ok: left.every(isNoError),
  };
}

const isNoError = ({ status }: Finding): boolean => status !== 'error';

/** Without the function that repairs. */
const toData = ({ check, status, message, todo, repair: one }: Finding) => ({
  check,
  status,
  message,
  todo: todo ?? null,
  repair: one?.plan ?? null,
});

const marks = { ok: '✓', warning: '!', error: '✗' } as const;

function toText(findings: readonly Finding[]): string {
  const lines = findings.flatMap(({ check, status, message, todo }) => [
    `${marks[status]} ${check}: ${message}`,
    ...(todo === undefined ? [] : [`    → ${todo}`]),
  ]);
  const errors = findings.filter(({ status }) => status === 'error').length;
  const warnings = findings.filter(({ status }) => status === 'warning').length;
  const verdict =
    errors + warnings === 0 ? 'Everything is in order.' : `${errors} wrong, ${warnings} to look at.`;
  return sections(lines.join('\n'), verdict);
}
