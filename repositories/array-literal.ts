/**
 * A list as PostgreSQL reads it from one text parameter: `${toArrayLiteral(ids)}::text::text[]`. For the long lists of hot
 * paths: the client would take a list parameter apart and put it together again, element by element, several times.
 */
export function toArrayLiteral(values: readonly (string | number | bigint | boolean | null)[]): string {
  return `{${values.map(toElement).join(',')}}`;
}

function toElement(value: string | number | bigint | boolean | null): string {
  if (value === null) return 'NULL';
  if (typeof value !== 'string') return String(value);
  return `"${special.test(value) ? value.replaceAll(/["\\]/g, String.raw`\$&`) : value}"`;
}

const special = /["\\]/;
