import type { AddCommand, JsonOption } from '../command.ts';
import { jsonOption } from '../command.ts';
import { listTenantOverviews, type TenantOverview } from '../../repositories/operations-read.ts';
import { renderTable } from '../table.ts';
import { ago } from '../times.ts';

interface TenantsOptions extends JsonOption {
  readonly status?: string;
  readonly trouble?: string;
  readonly failing?: boolean;
}

/** `tenants`: how everybody stands, in one table. */
export const addTenants: AddCommand = (program, run) => {
  program
    .command('tenants')
    .description('every tenant: status, token, troubles, last verified, open failures, oldest pending')
    .option('--status <status>', 'only those with this status, e.g. expired')
    .option('--trouble <code>', 'only those with this trouble, e.g. subscription_conflict')
    .option('--failing', 'only those with open failures or troubles')
    .addOption(jsonOption())
    .action((options: TenantsOptions) =>
      run(options, async (session) => {
        const nowMs = session.io.now();
        const all = await listTenantOverviews(session.db(), nowMs);
        const tenants = all.filter((one) => matches(one, options));
        return { data: tenants, text: toTable(tenants, all.length, nowMs) };
      }),
    );
};

function matches(
  { status, troubleCodes, openFailures }: TenantOverview,
  { status: wanted, trouble, failing }: TenantsOptions,
): boolean {
  if (wanted !== undefined && status !== wanted) return false;
  if (trouble !== undefined && !troubleCodes.includes(trouble)) return false;
  return failing !== true || openFailures > 0 || troubleCodes.length > 0;
}

function toTable(tenants: readonly TenantOverview[], all: number, nowMs: number): string {
  if (all === 0) return 'There are no tenants yet: one exists from its first call of the API.';
  if (tenants.length === 0) return `None of ${all} tenants is so.`;
  const titles = ['tenant', 'status', 'token', 'troubles', 'verified', 'failures', 'pending', 'oldest'];
  const rows = tenants.map((one) => [
    one.tenantId,
    one.paused ? `${one.status}, paused` : one.status,
    one.tokenStatus,
    one.troubleCodes.join(', ') || null,
    ago(one.lastVerifiedAt, nowMs),
    one.openFailures,
    one.pending,
    ago(one.oldestPendingAt, nowMs),
  ]);
  return renderTable(titles, rows);
}
