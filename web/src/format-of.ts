/** Dates and numbers as a language writes them; instants as the clocks of a time zone show them, else those of the browser. */
export interface Format {
  /** 26 Nov 2026, 14:35 */
  readonly dateTime: (instant: string) => string;
  /** 26 Nov 2026, of an instant */
  readonly date: (instant: string) => string;
  /** 26 Nov 2026, of a civil date (`YYYY-MM-DD`), which has no time zone */
  readonly civilDate: (date: string) => string;
  /** Monday 16 November 2026, of a civil date */
  readonly longDate: (date: string) => string;
  /** November 2026, of `2026-11` */
  readonly month: (month: string) => string;
  /** November, of `2026-11` */
  readonly monthName: (month: string) => string;
  /** Mon, for 0 to 6 from Monday */
  readonly weekday: (day: number) => string;
  readonly number: (value: number) => string;
  /** Time off and Company holidays */
  readonly list: (items: readonly string[]) => string;
  /** 7 h 30 min, of minutes */
  readonly duration: (minutes: number) => string;
}

/** By language and zone: making formatters costs a hundred times as much as using them, and every row of a list asks for them. */
const formats = new Map<string, Format>();

export function formatOf(language: string, timeZone?: string): Format {
  const key = `${language} ${timeZone}`;
  const format = formats.get(key) ?? makeFormat(language, timeZone);
  formats.set(key, format);
  return format;
}

function makeFormat(language: string, timeZone: string | undefined): Format {
  const zone = timeZone === undefined ? {} : { timeZone };
  // English as the rest of our readers write it: day before month.
  const locale = language === 'en' ? 'en-GB' : language;
  const dateTime = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short', ...zone });
  const date = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', ...zone });
  const civilDate = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' });
  const longDate = new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeZone: 'UTC' });
  const month = new Intl.DateTimeFormat(locale, { month: 'long', year: 'numeric', timeZone: 'UTC' });
  const monthName = new Intl.DateTimeFormat(locale, { month: 'long', timeZone: 'UTC' });
  const weekday = new Intl.DateTimeFormat(locale, { weekday: 'short', timeZone: 'UTC' });
  const number = new Intl.NumberFormat(locale);
  const list = new Intl.ListFormat(locale);
  return {
    dateTime: (instant) => dateTime.format(new Date(instant)),
    date: (instant) => date.format(new Date(instant)),
    civilDate: (day) => civilDate.format(new Date(`${day}T00:00:00Z`)),
    longDate: (day) => longDate.format(new Date(`${day}T00:00:00Z`)),
    month: (text) => month.format(new Date(`${text}-01T00:00:00Z`)),
    monthName: (text) => monthName.format(new Date(`${text}-01T00:00:00Z`)),
    weekday: (day) => weekday.format(new Date(Date.UTC(2026, 0, 5 + day))), // 5 January 2026 is a Monday
    number: (value) => number.format(value),
    list: (items) => list.format(items),
    duration: (minutes) => {
      const rest = minutes % 60;
      const hours = Math.floor(minutes / 60);
      if (rest === 0) return `${number.format(hours)} h`;
      return hours === 0 ? `${rest} min` : `${number.format(hours)} h ${rest} min`;
    },
  };
}
