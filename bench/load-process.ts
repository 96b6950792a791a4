import { Agent, request, type RequestOptions } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { idMark, type LoadJob, type LoadResult } from './load.ts';
import { percentile } from './statistics.ts';

/** The process behind `startLoadGenerator`: takes one job at a time, answers its result. */
process.on('message', (job) => {
  void run(job as LoadJob).then((result) => process.send?.(result));
});
process.on('disconnect', () => process.exit());

async function run(job: LoadJob): Promise<LoadResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: job.connections });
  const next = prepare(job, agent);
  const statuses: Record<string, number> = {};
  const latencies: number[] = [];
  let sent = 0;
  const startedAt = performance.now();
  const countFrom = startedAt + job.warmUpMs;
  const endAt = countFrom + job.seconds * 1_000;
  const mayGoOn = (): boolean => (job.count === null ? performance.now() < endAt : sent < job.count);

  const one = async (dueAt: number): Promise<void> => {
    sent += 1;
    const status = await next();
    const now = performance.now();
    statuses[status] = (statuses[status] ?? 0) + 1;
    if (dueAt >= countFrom) latencies.push(now - dueAt);
  };

  if (job.perSecond === null) {
    const lane = async (): Promise<void> => {
      while (mayGoOn()) await one(performance.now());
    };
    await Promise.all(Array.from({ length: job.connections }, lane));
  } else {
    const everyMs = 1_000 / job.perSecond;
    const underWay: Promise<void>[] = [];
    for (let dueAt = startedAt; mayGoOn() && dueAt < endAt;) {
      for (; dueAt <= performance.now() && dueAt < endAt; dueAt += everyMs) underWay.push(one(dueAt));
      await sleep(1);
    }
    await Promise.all(underWay);
  }
  const seconds = (performance.now() - countFrom) / 1_000;
  agent.destroy();
  return {
    sent,
    statuses,
    answeredPerSecond: latencies.length / seconds,
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
    maxMs: percentile(latencies, 1),
  };
}

/** Answers the function that sends the next request and resolves with the status of its answer. */
function prepare({ targets }: LoadJob, agent: Agent): () => Promise<string> {
  const prepared = targets.map(({ url, headers, body, ids }) => {
    const { hostname, port, pathname } = new URL(url);
    const [before = '', after = ''] = body.split(idMark);
    const options: RequestOptions = {
      agent,
      hostname,
      port,
      path: pathname,
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
    };
    return { options, before, after, ids };
  });
  let turn = 0;
  return () => {
    const target = prepared[turn % prepared.length];
    if (target === undefined) throw new Error('a load needs a target');
    const { options, before, after, ids } = target;
    const id = ids[Math.floor(turn / prepared.length) % ids.length] ?? '';
    turn += 1;
    return post(options, Buffer.from(`${before}${id}${after}`));
  };
}

function post(options: RequestOptions, body: Buffer): Promise<string> {
  return new Promise((resolve) => {
    const headers = { ...(options.headers as Record<string, string>), 'content-length': body.length };
    const sent = request({ ...options, headers }, (response) => {
      response.resume();
      response.on('end', () => resolve(String(response.statusCode)));
      response.on('error', () => resolve('error'));
    });
    sent.on('error', () => resolve('error'));
    sent.end(body);
  });
}
