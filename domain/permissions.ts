import { scopes } from './authorization-url.ts';
import { isDomainError, type DomainError, type ErrorCode } from './errors.ts';
import type { DeliveryTarget, ResourceKind } from './resources.ts';

export type Scope = (typeof scopes)[number];

/** How Factorial's own screen names them, in every language (contract.md 2). */
export const permissionNames: Readonly<Record<Scope, string>> = {
  employees: 'Employees',
  time_off: 'Time off',
  time_tracking: 'Time tracking',
  company_holidays: 'Company holidays',
};

/** What each kind cannot be read without. */
const scopeOf: Readonly<Record<string, Scope>> = {
  employees: 'employees',
  absences: 'time_off',
  absence_types: 'time_off',
  planned_minutes: 'time_tracking',
  schedules: 'time_tracking',
  holidays: 'company_holidays',
} satisfies Record<ResourceKind | Exclude<DeliveryTarget, 'subscriptions'>, Scope>;

/** How a permission that is missing shows where it was not known before. */
export const refusalCodes = ['permission_missing', 'factorial_not_found'] as const satisfies ErrorCode[];
export const isRefusal = (error: unknown): error is DomainError =>
  refusalCodes.some((code) => isDomainError(error, code));

/**
 * What a token was not granted of what was asked for, by the answer that brought it (null: it does not say). The scopes of
 * old applications name no kinds: they grant all of them.
 */
export function ungranted(scope: string | null): readonly Scope[] {
  const granted = scope?.split(' ') ?? legacyScopes;
  return legacyScopes.some((name) => granted.includes(name))
    ? []
    : scopes.filter((name) => !granted.includes(name));
}
const legacyScopes: readonly string[] = ['read', 'write'];

/** The permissions that resources belong to. */
export const scopesOf = (resources: readonly string[]): readonly Scope[] =>
  scopes.filter((scope) => resources.some((resource) => scopeOf[resource] === scope));

/** The sentence of the warning `scopes_missing`: by Factorial's names, in their order. */
export function scopesMissing(missing: readonly Scope[]): string {
  const names = scopes.filter((scope) => missing.includes(scope)).map((scope) => permissionNames[scope]);
  const list = [names.slice(0, -1).join(', '), ...names.slice(-1)]
    .filter((part) => part !== '')
    .join(' and ');
  return `The Factorial application lacks a permission. Tick ${list}.`;
}
