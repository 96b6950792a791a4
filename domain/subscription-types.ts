/** The webhook subscriptions that a connection wants, by Factorial's names. Source: design.md 6, Factorial API 2026-10-01. */
export const wantedSubscriptionTypes = [
  'employees/employee/create_with_contract',
  'employees/employee/invite',
  'employees/employee/set_regular_access_start_date',
  'employees/employee/update',
  'employees/employee/terminate',
  'employees/employee/unterminate',
  'timeoff/leave/create',
  'timeoff/leave/update',
  'timeoff/leave/approve',
  'timeoff/leave/reject',
  'timeoff/leave/delete',
  'timeoff/leave/bulk_delete',
  'timeoff/leave_type/create',
  'timeoff/leave_type/update',
  'work_schedule/schedule/create',
  'work_schedule/schedule/update',
  'work_schedule/schedule/toggle_archive',
  'api_public/webhook_subscription/update',
  'api_public/webhook_subscription/delete',
] as const;

/** A subscription type as one segment of a URL: `timeoff/leave/approve` → `timeoff.leave.approve`. */
export const toTopic = (subscriptionType: string): string => subscriptionType.replaceAll('/', '.');
