import { wantedSubscriptionTypes } from './subscription-types.ts';

/** Kinds of resources that are synced, in the words of the contract. */
export const resourceKinds = [
  'employees',
  'absence_types',
  'holidays',
  'absences',
  'planned_minutes',
] as const;
export type ResourceKind = (typeof resourceKinds)[number];

/** What a delivery asks for, by its topic. */
export type DeliveryTarget = 'employees' | 'absences' | 'absence_types' | 'schedules' | 'subscriptions';

const targets: readonly (readonly [prefix: string, target: DeliveryTarget])[] = [
  ['employees/employee/', 'employees'],
  ['timeoff/leave/', 'absences'],
  ['timeoff/leave_type/', 'absence_types'],
  ['work_schedule/schedule/', 'schedules'],
  ['api_public/webhook_subscription/', 'subscriptions'],
];

/** What to read when a delivery of `type` arrives; null for a type that we did not ask for. */
export function targetOf(type: string): DeliveryTarget | null {
  return targets.find(([prefix]) => type.startsWith(prefix))?.[1] ?? null;
}

/** The topics that all ask for one thing. */
export const topicsOf = (target: DeliveryTarget): readonly string[] =>
  wantedSubscriptionTypes.filter((type) => targetOf(type) === target);

/** Whether a delivery says that its resource was deleted: then an id that no longer answers is proof (rule 6). */
export const saysDeleted = (type: string): boolean =>
  type === 'timeoff/leave/delete' || type === 'timeoff/leave/bulk_delete';
