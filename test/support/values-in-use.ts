import type { World } from './world.ts';

/** Values that must not stand where everybody can read them, and a search for them. */

export interface SecretValue {
  /** What it is, for the finding; the value itself is not repeated. */
  readonly what: string;
  readonly value: string;
}

/** A place where something could stand that should not. */
export interface Place {
  readonly where: string;
  readonly text: string;
}

const letterOrDigit = /[\p{L}\p{N}]/u;

/** Every value that stands somewhere, as a word of its own: `where: what`. */
export function findValues(places: readonly Place[], values: readonly SecretValue[]): string[] {
  const findings: string[] = [];
  for (const { where, text } of places) {
    const lower = text.toLowerCase();
    for (const { what, value } of values) {
      // An e-mail may be written in small letters; a name that is not capitalised is another word.
      const [sought, within] = value.includes('@') ? [value.toLowerCase(), lower] : [value, text];
      if (standsIn(within, sought)) findings.push(`${where}: ${what}`);
    }
  }
  return findings;
}

function standsIn(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    const [before, after] = [text[at - 1] ?? '', text[at + word.length] ?? ''];
    if (!letterOrDigit.test(before) && !letterOrDigit.test(after)) return true;
  }
  return false;
}

/** What Factorial knows of people and must not leave it, and the names and e-mails that only our database may hold. */
export async function valuesOfPeople({
  factorial,
}: World): Promise<{ planted: SecretValue[]; names: SecretValue[] }> {
  const people = await factorial<Record<string, unknown>[]>('GET', 'employees');
  const leaves = await factorial<Record<string, unknown>[]>('GET', 'leaves');
  const planted: SecretValue[] = [];
  const names: SecretValue[] = [];
  for (const person of people) {
    const { first_name: first, last_name: last } = person;
    names.push({ what: 'a first name', value: String(first) }, { what: 'a last name', value: String(last) });
    for (const [field, value] of [...Object.entries(person), ...Object.entries(person['personal'] ?? {})]) {
      if (typeof value !== 'string') continue;
      if (/PLANTED-|personal\.example|^1901-/.test(value)) planted.push({ what: `employee.${field}`, value });
      else if (value.includes('@')) names.push({ what: `employee.${field}`, value });
    }
  }
  for (const leave of leaves) {
    for (const field of ['description', 'reason']) {
      if (typeof leave[field] === 'string') planted.push({ what: `leave.${field}`, value: leave[field] });
    }
  }
  return { planted: unique(planted), names: unique(names) };
}

/** Secrets of the connection as they are now: what the database keeps encrypted, in clear. */
export async function secretsInDatabase({ db, cipher, tenantId }: World): Promise<SecretValue[]> {
  const open = (what: string, column: string, text: string | null): SecretValue[] =>
    text === null ? [] : [{ what, value: cipher.decrypt(text, { tenantId, column }) }];
  const where = { where: { tenantId } };
  const tokens = await db.tokenPair.findMany(where);
  const subscriptions = await db.subscription.findMany(where);
  return [
    ...tokens.flatMap((row) => open('an access token', 'token_pairs.access_token', row.accessTokenEnc)),
    ...tokens.flatMap((row) => open('a refresh token', 'token_pairs.refresh_token', row.refreshTokenEnc)),
    ...subscriptions.flatMap((row) => open('a webhook key', 'subscriptions.key', row.keyEnc)),
    ...subscriptions.flatMap((row) => open('a challenge', 'subscriptions.challenge', row.challengeEnc)),
  ];
}

/** Every row of every table of the database, as text. */
export async function databasePlaces({ db }: World): Promise<Place[]> {
  const tables = await db.$queryRaw<{ name: string }[]>`
    SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'`;
  const places: Place[] = [];
  for (const { name } of tables) {
    const rows = await db.$queryRawUnsafe<{ text: string }[]>(
      `SELECT row_to_json(one)::text AS text FROM "${name}" one`,
    );
    places.push({ where: `table ${name}`, text: rows.map((row) => row.text).join('\n') });
  }
  return places;
}

function unique(values: readonly SecretValue[]): SecretValue[] {
  return [...new Map(values.map((one) => [one.value, one])).values()];
}
