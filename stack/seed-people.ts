const firstNames = ['Alba', 'Bruno', 'Carla', 'David', 'Elena', 'Ferran', 'Gemma', 'Hugo', 'Irene', 'Jordi'];
const lastNames = ['Soler', 'Vidal', 'Romero', 'Ferrer'];

/** Forty invented employees, for a stack without simulator. */
export function seedPeople(): { name: string; email: string; startsOn: string }[] {
  return lastNames.flatMap((last, row) =>
    firstNames.map((first, column) => ({
      name: `${first} ${last}`,
      email: `${first}.${last}@acme.example`.toLowerCase(),
      startsOn: `202${row}-${String(column + 1).padStart(2, '0')}-01`,
    })),
  );
}
