import { z } from 'zod';
import { DayMinutes } from './text.ts';

const wholeNumber = (min: number, max: number) => {
  const text = `must be a whole number from ${min} to ${max}`;
  return z.int(text).min(min, text).max(max, text);
};

/** The settings of the integration, as read and as replaced: all of them, always. */
export const Settings = z
  .object({
    /** What happens with a new profile that matches nobody. */
    onboarding: z.enum(['create', 'suggest'], 'must be create or suggest'),
    /** Local hour of the nightly reconciliation. */
    nightlyHour: wholeNumber(0, 23),
    horizonDaysBack: wholeNumber(0, 400),
    horizonDaysAhead: wholeNumber(1, 400),
    /** Deletions over both bounds wait for an approval. */
    deletionBrake: z.object({ percent: wholeNumber(0, 100), count: wholeNumber(0, 1_000_000) }),
    /** From Monday to Sunday. */
    defaultWeekMinutes: z.array(DayMinutes).length(7, 'must be seven numbers, from Monday to Sunday'),
  })
  .meta({ id: 'Settings' });
export type Settings = z.infer<typeof Settings>;
