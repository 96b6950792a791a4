import type { components } from './generated/schema.ts';

type Schemas = components['schemas'];

export type Card = Schemas['Card'];
export type Warning = Schemas['Warning'];
export type Settings = Schemas['Settings'];
export type Tenant = Schemas['Tenant'];
export type Reconciliation = Schemas['Reconciliation'];
export type Employee = Schemas['Employee'];
export type Profile = Schemas['Profile'];
export type LinksResult = Schemas['LinksResult'];
export type AbsenceType = Schemas['AbsenceType'];
export type MappingPreview = Schemas['MappingPreview'];
export type DayType = Schemas['DayType'];
export type Day = Schemas['Day'];
export type Explanation = Schemas['Explanation'];
export type Failure = Schemas['Failure'];
export type ActivityEntry = Schemas['ActivityEntry'];
export type Replay = Schemas['Replay'];
export type ReplayItem = Schemas['ReplayItem'];
export type ReplayPreview = Schemas['ReplayPreview'];
