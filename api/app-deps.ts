import type { ApiConfig } from '../platform/config.ts';
import type { Logger } from '../platform/logger.ts';
import type { Cipher } from '../repositories/cipher.ts';
import type { Database } from '../repositories/database.ts';
import type { Doorbell } from './doorbell.ts';
import type { Metrics } from './metrics.ts';
import type { ReplayRunner } from './temporal-replays.ts';
import type { RateLimitRules } from './rate-limit.ts';
import type { TokenVerifier } from './token-verifier.ts';
import type { ApiTraces } from './traces.ts';

/** The part of the configuration that routes look at. */
export type AppConfig = Pick<
  ApiConfig,
  'publicUrl' | 'previousPublicUrls' | 'factorialExtraHosts' | 'factorialTokenOwner' | 'nightlyHour'
>;

/** All that the app touches of the world; a test hands in its own. */
export interface AppDeps {
  readonly db: Database;
  readonly config: AppConfig;
  readonly cipher: Cipher;
  readonly auth: TokenVerifier;
  readonly doorbell: Doorbell;
  /** Told after each stored delivery, so that the tenant's workflow hears of it at once. */
  readonly relay: { notify(tenantId: string): void };
  /** Starts a replay's workflow, and asks for its end. Never rejects: the database holds what was asked for. */
  readonly replays: ReplayRunner;
  readonly temporal: { isReachable(): Promise<boolean> };
  readonly metrics: Metrics;
  /** Nobody traces unless told. */
  readonly traces?: Pick<ApiTraces, 'watch'>;
  readonly logger: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** How long an answer may wait for the effect of its command; 2 s (contract.md 1) unless told. */
  readonly effectWaitMs?: number;
  /** How many deliveries one subscription may send, and how many of one address may fail authentication. */
  readonly webhookLimits?: { readonly perKey?: RateLimitRules; readonly failedPerAddress?: RateLimitRules };
}
