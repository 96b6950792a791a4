const dayMinutes = 24 * 60;

/** Minutes as hours are typed: 7.5 or 7,5 where quarters suffice, else 7:20. */
export function writeHours(minutes: number, language: string): string {
  if (minutes % 15 !== 0) return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}`;
  const text = String(minutes / 60);
  return language === 'en' ? text : text.replace('.', ',');
}

/** Minutes of typed hours: 7.5, 7,5, 7:30, 7 h 30 min, 45 min. Null: it is no time between 0 and 24 hours. */
export function parseHours(text: string): number | null {
  const minutes = minutesOf(text.trim().toLowerCase());
  return minutes === null || minutes > dayMinutes ? null : minutes;
}

function minutesOf(text: string): number | null {
  const decimal = /^(\d{1,2}(?:[.,]\d{1,4})?)(?:\s*h)?$/.exec(text);
  if (decimal?.[1] !== undefined) return Math.round(Number(decimal[1].replace(',', '.')) * 60);
  const both = /^(\d{1,2})\s*(?::|h)\s*([0-5]?\d)(?:\s*min)?$/.exec(text);
  if (both !== null) return Number(both[1]) * 60 + Number(both[2]);
  const only = /^(\d{1,4})\s*min$/.exec(text);
  return only === null ? null : Number(only[1]);
}
