import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApiError } from './api-error.ts';
import { rateLimitHeaders } from './faults.ts';
import type { World } from './world.ts';

const WINDOW_MS = 60_000;

/** Counts requests per token, method kind and minute of the clock; beyond the limit the answer is 429. */
export function createRateLimit(
  world: World,
): (request: FastifyRequest, reply: FastifyReply) => Promise<void> {
  const windows = new Map<string, { startMs: number; count: number }>();

  return async (request) => {
    if (!request.url.startsWith('/api/') || (request.method !== 'GET' && request.method !== 'POST')) return;
    const { getLimit, postLimit } = world.switches;
    const bucket = request.method === 'GET' && getLimit !== 'shared' ? 'GET' : 'POST';
    const limit = bucket === 'GET' ? getLimit : postLimit;
    if (limit === 'off' || limit === 'shared') return;

    const key = `${bucket} ${request.headers.authorization ?? request.ip}`;
    const nowMs = world.clock.now();
    const known = windows.get(key);
    const window =
      known !== undefined && nowMs - known.startMs < WINDOW_MS ? known : { startMs: nowMs, count: 0 };
    windows.set(key, window);
    window.count += 1;
    if (window.count <= limit) return;

    const waitSeconds = Math.ceil((window.startMs + WINDOW_MS - nowMs) / 1000);
    throw new ApiError(
      429,
      ['Too many requests'],
      rateLimitHeaders(world.switches.rateLimitHeaders, waitSeconds),
    );
  };
}
