import { z } from 'zod';
import { isTimeZone } from '../../domain/civil-date.ts';
import { plainText } from './text.ts';

/** A WorkMeter account. */
export const Tenant = z
  .object({ id: z.string(), name: z.string(), timeZone: z.string(), locale: z.string() })
  .meta({ id: 'Tenant' });
export type Tenant = z.infer<typeof Tenant>;

// Offsets like +01:00 are no zones: they know no summer time.
const TimeZone = plainText(60).refine(
  (zone) => /^[A-Za-z]/.test(zone) && isTimeZone(zone),
  'must be an IANA time zone like Europe/Madrid',
);

const Locale = plainText(35).refine(isLocale, 'must be a language tag like es or ca-ES');

/** Body of PUT /api/tenant. The zone and the language stay as they are where they are left out. */
export const TenantInput = z.object({
  name: plainText(200),
  timeZone: TimeZone.optional(),
  locale: Locale.optional(),
});

function isLocale(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    return false;
  }
}
