import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** The API's own figures, for Prometheus. No label names a tenant or a person. */
export interface Metrics {
  readonly registry: Registry;
  readonly httpSeconds: Histogram<'method' | 'route' | 'status'>;
  readonly deliveries: Counter<'outcome'>;
  readonly inboxRows: Counter;
  readonly rings: Counter<'bell' | 'outcome'>;
  readonly relayBackoffSeconds: Gauge;
}

/** A registry of its own for each app, so that two of them can live in one process. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  return {
    registry,
    httpSeconds: new Histogram({
      name: 'http_request_duration_seconds',
      help: 'Duration of HTTP requests by route',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    }),
    deliveries: new Counter({
      name: 'webhook_deliveries_total',
      help: 'Webhook deliveries by outcome',
      labelNames: ['outcome'],
      registers,
    }),
    inboxRows: new Counter({
      name: 'inbox_rows_accepted_total',
      help: 'Resource ids stored in the inbox, copies included',
      registers,
    }),
    rings: new Counter({
      name: 'relay_rings_total',
      help: 'Signals of the relay by what they were for and what came of them',
      labelNames: ['bell', 'outcome'],
      registers,
    }),
    relayBackoffSeconds: new Gauge({
      name: 'relay_backoff_seconds',
      help: 'How long the relay waits because Temporal is away; 0 while it answers',
      registers,
    }),
  };
}
