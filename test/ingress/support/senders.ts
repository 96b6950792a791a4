import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../../simulator/random.ts';
import type { World } from '../../support/world.ts';
import { post } from './tenant.ts';

/** How many deliveries about one resource, by `<type> <id>`. */
export type Counts = Map<string, number>;

export interface Sender {
  /** Answered with 2xx. */
  readonly accepted: Counts;
  /** All answers, by status; `none` where the connection broke. */
  readonly answers: Map<string, number>;
}

interface Subscription {
  readonly type: string;
  readonly target_url: string;
  readonly challenge: string;
}

/** How often it is looked which leaves there are. */
const keepUpMs = 500;
const types = ['timeoff/leave/create', 'timeoff/leave/update', 'timeoff/leave/approve'] as const;

/** Delivers about leaves that are there, again and again, until told to stop; beside what Factorial delivers itself. */
export async function sendCopies(
  { factorial }: World,
  random: Random,
  { lanes, pauseMs, isOver }: { lanes: number; pauseMs: number; isOver: () => boolean },
): Promise<Sender> {
  const sender: Sender = { accepted: new Map(), answers: new Map() };
  const subscriptions = await factorial<Subscription[]>('GET', 'subscriptions');
  const readLeaves = () => factorial<{ id: string; updated_at: string }[]>('GET', 'leaves');
  let leaves = await readLeaves();
  const keepUp = async (): Promise<void> => {
    for (; !isOver(); await sleep(keepUpMs)) leaves = await readLeaves();
  };
  const send = async (): Promise<void> => {
    const [leave, type] = [random.pick(leaves), random.pick(types)];
    const target = subscriptions.find((one) => one.type === type);
    if (target === undefined) throw new Error(`There is no subscription to ${type}.`);
    const status = await answerOf(target, { id: leave.id, updated_at: leave.updated_at });
    add(sender.answers, status);
    if (status.startsWith('2')) add(sender.accepted, `${type} ${leave.id}`);
  };
  const lane = async (): Promise<void> => {
    for (; !isOver(); await sleep(pauseMs)) await send();
  };
  await Promise.all([keepUp(), ...Array.from({ length: lanes }, lane)]);
  return sender;
}

async function answerOf({ target_url: url, challenge }: Subscription, body: object): Promise<string> {
  try {
    const answer = await post(url, challenge, body);
    await answer.arrayBuffer();
    return String(answer.status);
  } catch {
    return 'none';
  }
}

/** Deliveries that a 2xx was heard for, by whoever sent them, and that no row with an outcome stands for: a sentence each. */
export async function lostDeliveries(world: World, { accepted }: Sender): Promise<string[]> {
  const heard: Counts = new Map(accepted);
  const deliveries = await world.factorial<{ type: string; resource_ids: string[] }[]>(
    'GET',
    'deliveries?status=delivered',
  );
  for (const { type, resource_ids: ids } of deliveries) for (const id of ids) add(heard, `${type} ${id}`);
  const rows = await world.db.inboxRow.findMany({
    where: { tenantId: world.tenantId, outcome: { not: null } },
  });
  const stored: Counts = new Map();
  for (const { topic, resourceId, copies } of rows) add(stored, `${topic} ${resourceId}`, copies);
  return [...heard]
    .filter(([name, count]) => (stored.get(name) ?? 0) < count)
    .map(([name, count]) => `${name}: ${count} accepted, ${stored.get(name) ?? 0} with an outcome`);
}

function add(counts: Counts, name: string, count = 1): void {
  counts.set(name, (counts.get(name) ?? 0) + count);
}
