import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { tenantQuery } from '../../client/tenant.ts';
import { dateIn } from './calendar-grid.ts';

/** How often it is looked whether another day has begun. */
const lookMs = 30_000;

/**
 * Today where the account is, which need not be today where the browser is; undefined until it is known where that is.
 * Where that cannot be known, today of the browser.
 */
export function useToday(): string | undefined {
  const { data, isError } = useQuery(tenantQuery);
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const look = setInterval(() => setNow(new Date()), lookMs);
    return () => clearInterval(look);
  }, []);
  return data === undefined && !isError ? undefined : dateIn(data?.timeZone, now);
}
