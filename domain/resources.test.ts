import { describe, expect, it } from '@jest/globals';
import { resourceKinds, saysDeleted, targetOf } from './resources.ts';
import { toTopic, wantedSubscriptionTypes } from './subscription-types.ts';

describe('a delivery', () => {
  it.each([
    ['employees/employee/terminate', 'employees'],
    ['timeoff/leave/approve', 'absences'],
    ['timeoff/leave/bulk_delete', 'absences'],
    ['timeoff/leave_type/update', 'absence_types'],
    ['work_schedule/schedule/toggle_archive', 'schedules'],
    ['api_public/webhook_subscription/delete', 'subscriptions'],
    ['ats/candidate/create', null],
    ['timeoff/leave', null],
    ['', null],
  ])('of %s asks for %s', (type, target) => {
    expect(targetOf(type)).toBe(target);
  });

  it.each(wantedSubscriptionTypes)('of the wanted %s asks for something', (type) => {
    expect(targetOf(type)).not.toBeNull();
  });

  it('says that its resource was deleted by these topics only', () => {
    expect(wantedSubscriptionTypes.filter(saysDeleted)).toEqual([
      'timeoff/leave/delete',
      'timeoff/leave/bulk_delete',
    ]);
  });
});

describe('the wanted subscriptions', () => {
  it('are each wanted once, as a topic that is one segment of a URL', () => {
    const topics = wantedSubscriptionTypes.map(toTopic);

    expect(new Set(topics).size).toBe(19);
    for (const topic of topics) expect(topic).toMatch(/^[a-z_]+\.[a-z_]+\.[a-z_]+$/);
  });

  it('have topics that lead back to them', () => {
    expect(toTopic('timeoff/leave/approve')).toBe('timeoff.leave.approve');
  });
});

describe('the kinds of resources', () => {
  it('are those of the contract', () => {
    expect([...resourceKinds].sort()).toEqual([
      'absence_types',
      'absences',
      'employees',
      'holidays',
      'planned_minutes',
    ]);
  });
});
