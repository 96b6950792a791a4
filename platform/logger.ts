import { pino, stdSerializers } from 'pino';
import type { DestinationStream, Logger } from 'pino';

export type { Logger };

export interface LoggerOptions {
  /** Which process writes, e.g. `api`. */
  process: string;
  level: string;
  /** Where lines go; stdout unless a test listens. */
  destination?: DestinationStream;
}

/**
 * One JSON object a line. Secrets and personal data are replaced by key, at every depth; URLs lose their query
 * and the key of a webhook path. Callers add `tenantId`, `connectionId`, `workflowId`.
 */
export function createLogger({ process: name, level, destination }: LoggerOptions): Logger {
  const options = {
    level,
    base: { process: name },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: {
      level: (label: string) => ({ level: label }),
      log: (fields: Record<string, unknown>) => redactFields(fields),
      bindings: (fields: Record<string, unknown>) => redactFields(fields),
    },
    serializers: {
      err: (error: Error) => redact(stdSerializers.err(error)),
      error: (error: unknown) => (error instanceof Error ? redact(stdSerializers.err(error)) : error),
      req: (request: { method?: string; url?: string }) => ({
        method: request.method,
        url: redactUrl(request.url ?? ''),
      }),
      res: (reply: { statusCode?: number }) => ({ statusCode: reply.statusCode }),
    },
  };
  return destination ? pino(options, destination) : pino(options);
}

const secretKey =
  /^(?:authorization|cookie|set-cookie|state|email|name|first_?name|last_?name|full_?name|clientid|client_id|password|x-factorial-wh-challenge|challenge|.*token|.*secret|.*_?code)$/i;

/** Our codes and states, Node's and Prisma's are for the reader of a log; others may be an OAuth `code` or `state`. */
const harmlessCode = /^(?:[a-z]{2,20}(?:_[a-z]{1,20}){0,4}|E[A-Z]{2,20}|ERR_[A-Z_]+|P\d{4}|\d{5})$/;

const redacted = '[redacted]';

/** Deep enough for anything we log; below it a cycle would end the process. */
const maxDepth = 8;

/** A copy of `value` in which secrets and personal data are replaced. */
export function redact(value: unknown, depth = 0): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof Error || value instanceof Date || Buffer.isBuffer(value))
    return Buffer.isBuffer(value) ? redacted : value;
  if (depth >= maxDepth) return '[deep]';
  if (Array.isArray(value)) return value.map((entry) => redact(entry, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [
      key,
      isSecret(key, entry) ? redacted : redactEntry(key, entry, depth),
    ]),
  );
}

/** Request and reply objects are left to the serializers. */
function redactFields(fields: Record<string, unknown>): Record<string, unknown> {
  const { req, res, ...rest } = fields;
  return {
    ...(redact(rest) as Record<string, unknown>), // an object goes in, so an object comes out
    ...(req === undefined ? {} : { req }),
    ...(res === undefined ? {} : { res }),
  };
}

function redactEntry(key: string, entry: unknown, depth: number): unknown {
  return typeof entry === 'string' && /^(?:.*url|location|path)$/i.test(key)
    ? redactUrl(entry)
    : redact(entry, depth + 1);
}

function isSecret(key: string, entry: unknown): boolean {
  if (entry === null || entry === undefined || typeof entry === 'number' || typeof entry === 'boolean')
    return false;
  if (/(?:code|state)$/i.test(key) && typeof entry === 'string' && harmlessCode.test(entry)) return false;
  return secretKey.test(key);
}

/** `/webhooks/factorial/<key>/<topic>?x=y` → `/webhooks/factorial/[key]/<topic>?[query]`: both may hold secrets. */
export function redactUrl(url: string): string {
  const [path = '', query] = url.split('?', 2);
  const safePath = path.replace(/(\/webhooks\/factorial\/)[^/]+/, '$1[key]').replace(/\/\/[^/@]*@/, '//');
  return query === undefined ? safePath : `${safePath}?[query]`;
}
