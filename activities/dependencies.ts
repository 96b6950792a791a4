import type { Logger } from 'pino';
import type { Cipher } from '../repositories/cipher.ts';
import type { Database } from '../repositories/database.ts';
import type { Observer } from './observer.ts';

/** What activities are built with; a worker process makes it once. */
export interface ActivityDependencies {
  readonly db: Database;
  readonly cipher: Cipher;
  readonly logger: Logger;
  /** Nobody measures unless told. */
  readonly observer?: Observer;
  /** Lets a tenant's connection workflow look again, if there is one; nobody does unless told. */
  readonly ring?: (tenantId: string) => Promise<void>;
  readonly settings: {
    /** Without a trailing slash: webhooks and the redirect URI are below it. */
    readonly publicUrl: string;
    readonly previousPublicUrls: readonly string[];
    readonly apiVersion: string;
    readonly requestsPerMinute: number;
    /** What the plans of one night may take of them; where everybody's would take more, they are read in slices. */
    readonly planRequestsPerNight: number;
    /** Local hour for tenants that did not choose one. */
    readonly nightlyHour: number;
    readonly holidayPollMinutes: number;
  };
}
