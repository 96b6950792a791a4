import { addDays, easterSunday, type Day } from '../dates.ts';

export interface SeedHoliday {
  date: Day;
  summary: string;
  half_day: string | null;
}

const national: Record<string, string> = {
  '01-01': 'Año Nuevo',
  '01-06': 'Reyes',
  '05-01': 'Fiesta del Trabajo',
  '08-15': 'Asunción',
  '10-12': 'Fiesta Nacional',
  '11-01': 'Todos los Santos',
  '12-06': 'Día de la Constitución',
  '12-08': 'Inmaculada Concepción',
  '12-25': 'Navidad',
};

const regional: Record<string, Record<string, string>> = {
  Barcelona: { '06-24': 'Sant Joan', '09-11': 'Diada', '12-26': 'Sant Esteve' },
  Madrid: { '05-02': 'Comunidad de Madrid', '05-15': 'San Isidro', '11-09': 'Almudena' },
  Valencia: { '01-22': 'San Vicente Mártir', '03-19': 'San José', '10-09': 'Comunitat Valenciana' },
};

/** National and regional holidays of one year in one location, and the afternoon of 24 December. */
export function seedHolidays(location: string, year: number): SeedHoliday[] {
  const fixed = Object.entries({ ...national, ...regional[location] });
  const holidays: SeedHoliday[] = fixed.map(([monthDay, summary]) => ({
    date: `${year}-${monthDay}`,
    summary,
    half_day: null,
  }));
  holidays.push({ date: addDays(easterSunday(year), -2), summary: 'Viernes Santo', half_day: null });
  if (location !== 'Madrid')
    holidays.push({ date: addDays(easterSunday(year), 1), summary: 'Lunes de Pascua', half_day: null });
  holidays.push({ date: `${year}-12-24`, summary: 'Nochebuena', half_day: 'end_of_day' });
  return holidays.sort((left, right) => (left.date < right.date ? -1 : 1));
}
