/**
 * The resources that this client knows, in the words of this project, each with its path below `/api/<version>/resources/`.
 * Source: Factorial API 2026-10-01, specification and guides.
 */
export const resourcePaths = {
  employees: 'employees/employees',
  absences: 'timeoff/leaves',
  absence_types: 'timeoff/leave_types',
  holidays: 'holidays/company_holidays',
  planned_minutes: 'attendance/estimated_times',
  schedules: 'work_schedule/schedules',
  subscriptions: 'api_public/webhook_subscriptions',
  credentials: 'api_public/credentials',
} as const;

export type ResourceKind = keyof typeof resourcePaths;

/** The kind in a sentence for people: "absence types". */
export function labelOf(kind: string): string {
  return kind.replaceAll('_', ' ');
}
