/** The supported versions, oldest first. The specification of a version accepts itself and the four before it. */
export const API_VERSIONS = ['2025-10-01', '2026-01-01', '2026-04-01', '2026-07-01', '2026-10-01'] as const;
export type ApiVersion = (typeof API_VERSIONS)[number];

const OLDEST: ApiVersion = '2025-10-01';
const NEWEST: ApiVersion = '2026-10-01';
/** Published as a beta; the resources modelled here look as in the newest stable version. */
export const BETA = '2027-01-01';
const FIRST_WITH_TEXT_IDS: ApiVersion = '2026-07-01';

/** The schema that answers a version in the path: an unsupported date gets the oldest one. Null: no date at all. */
export function resolveVersion(text: string): ApiVersion | null {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return null;
  if (text === BETA) return NEWEST;
  return toApiVersion(text) ?? OLDEST;
}

export function toApiVersion(text: string): ApiVersion | undefined {
  return API_VERSIONS.find((version) => version === text);
}

/** Up to 2026-04-01 ids are JSON numbers, later strings. */
export function hasTextIds(version: ApiVersion): boolean {
  return version >= FIRST_WITH_TEXT_IDS;
}
