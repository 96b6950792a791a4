import type { components } from './generated/schema.ts';

type Schemas = components['schemas'];

export type Card = Schemas['Card'];
export type Warning = Schemas['Warning'];
export type Settings = Schemas['Settings'];
export type Tenant = Schemas['Tenant'];
export type Reconciliation = Schemas['Reconciliation'];
