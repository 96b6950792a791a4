import type { Day } from './dates.ts';
import type { ApiVersion } from './versions.ts';

/** Rows carry the field names of the API, so that presenting them is copying. Ids are text, `…_at` is ISO 8601 in UTC. */
export interface EmployeeRow {
  id: string;
  access_id: string;
  company_id: string;
  first_name: string;
  last_name: string;
  location_id: string | null;
  legal_entity_id: string | null;
  default_work_area_id: string | null;
  created_at: string;
  updated_at: string;
  terminated_on: Day | null;
  termination_reason_type: string | null;
  termination_reason: string | null;
  termination_observations: string | null;
  termination_type_description: string | null;
  attendable: boolean;
  email: string | null;
  login_email: string | null;
  personal_email: string | null;
  communications_email: string | null;
  unconfirmed_communications_email: string | null;
  company_identifier: string | null;
  manager_id: string | null;
  timeoff_manager_id: string | null;
  seniority_calculation_date: Day | null;
  /** Everything else that the real resource tells about a person. */
  personal: Record<string, string | number | null>;
  /** Not sent: the weekly plan of this person; null is a person without planning. */
  schedule_id: string | null;
}

export interface LeaveRow {
  id: string;
  company_id: string;
  employee_id: string;
  leave_type_id: string | null;
  start_on: Day;
  finish_on: Day | null;
  half_day: string | null;
  start_time: string | null;
  hours_amount_in_cents: number | null;
  /** true approved, false rejected, null pending */
  approved: boolean | null;
  description: string | null;
  reason: string | null;
  created_at: string;
  updated_at: string;
  deleted_at: string | null;
}

export interface LeaveTypeRow {
  id: string;
  company_id: string;
  name: string;
  translated_name: string | null;
  identifier: string;
  color: string;
  active: boolean;
  workable: boolean;
  payable: boolean;
  accrues: boolean;
  approval_required: boolean;
  allow_endless: boolean;
  editable: boolean;
  restricted: boolean;
  visibility: boolean;
  attachment: boolean;
  details_required: boolean;
  is_attachment_mandatory: boolean;
  half_days_units_enabled: boolean;
  min_days_in_cents: number | null;
  max_days_in_cents: number | null;
  allowance_ids: string[];
  description: string | null;
}

export interface HolidayRow {
  id: string;
  location_id: string;
  date: Day;
  summary: string;
  description: string | null;
  half_day: string | null;
}

export interface LocationRow {
  id: string;
  company_id: string;
  name: string;
  main: boolean;
  timezone: string;
  country: string;
  city: string | null;
}

export interface ScheduleRow {
  id: string;
  company_id: string;
  name: string;
  created_at: string;
  updated_at: string;
  archived_at: string | null;
  period_id: string;
  /** Not sent: minutes from Monday to Sunday. */
  weekly_minutes: number[];
}

export interface TeamRow {
  id: string;
  company_id: string;
  name: string;
  /** Sent as memberships of their own. */
  members: { id: string; employee_id: string; lead: boolean }[];
}

/** What a shift plan or a person says about one day, stronger than the weekly plan. */
export interface DayOverride {
  expected_minutes: number | null;
  source: string;
}

export interface SubscriptionRow {
  id: string;
  company_id: string;
  client_id: string | null;
  type: string;
  target_url: string;
  name: string | null;
  challenge: string | null;
  enabled: boolean;
  api_version: ApiVersion;
}

export interface Author {
  id: string;
  type: 'employee' | 'company';
}
