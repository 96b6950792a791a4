import { hashSecret } from '../../../repositories/cipher.ts';
import type { Database } from '../../../repositories/database.ts';

export const challenge = 'the-challenge';
const type = 'timeoff/leave/update';

/** Sends one delivery to an API and answers what it said. */
export type Deliver = (url: string, body: object) => Promise<Response>;

/** A connected tenant with one subscription, written straight into the database: no worker is needed. */
export async function connectTenant(db: Database, tenantId: string): Promise<Deliver> {
  await db.connection.create({ data: { tenantId, status: 'connected', generation: 1 } });
  await db.subscription.create({
    data: {
      tenantId,
      id: crypto.randomUUID(),
      generation: 1,
      type,
      keyHash: hashSecret(`key-of-${tenantId}`),
      keyEnc: 'k',
      challengeEnc: 'c',
      challengeHash: hashSecret(challenge),
      state: 'active',
    },
  });
  return (url, body) =>
    post(`${url}/webhooks/factorial/key-of-${tenantId}/${type.replaceAll('/', '.')}`, challenge, body);
}

export async function post(url: string, secret: string, body: object): Promise<Response> {
  return await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-factorial-wh-challenge': secret },
    body: JSON.stringify(body),
  });
}
