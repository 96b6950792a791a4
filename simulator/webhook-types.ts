import type { ApiVersion } from './versions.ts';

const actionsOfResource: Record<string, string> = {
  'api_public/webhook_subscription': 'create delete update',
  'ats/application': 'apply create create_from_employee delete update',
  'ats/candidate': 'create delete update',
  'ats/evaluation_form': 'save_as_template',
  'ats/job_posting': 'create delete duplicate update',
  'attendance/shift': 'autofill break_end break_start clock_in clock_out create delete toggle_clock update',
  'banking/bank_account_number': 'upsert',
  'bookkeepers_management/incidence': 'update',
  'companies/legal_entity': 'create',
  'contracts/contract_version': 'create delete update',
  'contracts/contract_version_request': 'approve create_promote_request delete reject',
  'custom_resources/schema': 'create',
  'documents/document': 'bulk_create create delete move_to_trash_bin restore_from_trash_bin update',
  'documents/folder': 'create update',
  'employees/employee':
    'create_with_contract invite set_regular_access_start_date terminate unterminate update',
  'expenses/expensable': 'bulk_set_to_paid update_reimbursable_amount',
  'finance/cost_center': 'create delete edit',
  'locations/location': 'create delete update',
  'payroll/policy_period': 'change_status',
  'payroll/supplement': 'create delete update',
  'payroll_integrations_base/code': 'create delete update',
  'performance/review_process':
    'create create_from_template delete duplicate remind_in_bulk remove_schedule reopen schedule start stop toggle_archive ' +
    'update_agreements_configuration update_basic_info update_competencies_assessments_configuration update_deadline ' +
    'update_employee_score_configuration update_reviewer_strategies update_schedule update_target_strategy',
  'project_management/time_record':
    'create delete update_imputed_minutes update_observations update_project_worker',
  'shift_management/shift': 'bulk_create bulk_delete create delete',
  'tasks/task': 'bulk_create bulk_delete bulk_update copy create create_comment delete update',
  'teams/membership': 'bulk_upsert create delete move update',
  'teams/team': 'create delete move project update',
  'timeoff/blocked_period': 'create delete update',
  'timeoff/leave': 'approve bulk_delete create delete reject update',
  'timeoff/leave_type': 'create update',
  'timeoff/policy': 'create delete update',
  'trainings/category': 'create delete update',
  'trainings/training': 'bulk_delete bulk_update_catalog create delete update update_status',
  'work_schedule/schedule': 'create toggle_archive update',
};

/** All subscription types of 2026-10-01. */
export const WEBHOOK_TYPES: ReadonlySet<string> = new Set(
  Object.entries(actionsOfResource).flatMap(([resource, actions]) =>
    actions.split(' ').map((action) => `${resource}/${action}`),
  ),
);

const firstVersionOf: Record<string, ApiVersion> = {
  'timeoff/leave/bulk_delete': '2026-10-01',
  'teams/membership/move': '2026-10-01',
  'teams/team/move': '2026-10-01',
  'expenses/expensable/update_reimbursable_amount': '2026-07-01',
  'employees/employee/set_regular_access_start_date': '2026-01-01',
};

export function isWebhookType(type: string, version: ApiVersion): boolean {
  return WEBHOOK_TYPES.has(type) && version >= (firstVersionOf[type] ?? version);
}

/** Scope of the resource that a subscription type tells about; null: open to any token. */
export function scopeOfWebhookType(type: string): string | null {
  const domain = type.slice(0, type.indexOf('/'));
  const scope = scopeOfDomain[domain];
  return scope === undefined ? domain : scope;
}

/** Scope by the first segment of a resource's path. */
export const scopeOfDomain: Record<string, string | null> = {
  api_public: null,
  employees: 'employees',
  teams: 'employees',
  timeoff: 'time_off',
  attendance: 'time_tracking',
  time_planning: 'time_tracking',
  time_settings: 'time_tracking',
  work_schedule: 'time_tracking',
  holidays: 'company_holidays',
  locations: 'company_locations',
  companies: 'company_legal_entities',
  contracts: 'contracts',
  employee_updates: 'employee_updates',
  bookkeepers_management: 'employee_updates',
};
