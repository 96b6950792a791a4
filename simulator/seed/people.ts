/** One person of the seeded company. `startsOn` is a fixed day, the same in every run. */
export interface SeedPerson {
  firstName: string;
  lastName: string;
  email: string;
  location: string;
  startsOn: string;
}

export const LOCATION_NAMES = ['Barcelona', 'Madrid', 'Valencia'] as const;

const firstNames = [
  'Nora',
  'Iker',
  'Lucía',
  'Mateo',
  'Sofía',
  'Hugo',
  'Martina',
  'Leo',
  'Valeria',
  'Pau',
  'Carla',
  'Marc',
  'Júlia',
  'Álvaro',
  'Emma',
  'Bruno',
  'Noa',
  'Gonzalo',
  'Aitana',
  'Jordi',
  'Elena',
  'Raúl',
  'Irene',
  'Óscar',
  'Marina',
  'Sergi',
  'Paula',
  'Adrián',
  'Clara',
  'Rubén',
  'Laia',
  'Víctor',
  'Alba',
  'Nil',
  'Ainhoa',
  'Tomás',
  'Begoña',
  'Iván',
  'Rocío',
  'Andrés',
];

const lastNames = [
  'Vidal',
  'Roca',
  'García',
  'Soler',
  'Martínez',
  'Ferrer',
  'Núñez',
  'Costa',
  'Ibáñez',
  'Puig',
  'Romero',
  'Serra',
  'Ortega',
  'Molina',
  'Castro',
  'Vega',
  'Prieto',
  'Campos',
  'Navarro',
  'Blanco',
  'Herrero',
  'Gallego',
  'Cano',
  'Pascual',
  'Crespo',
  'Bosch',
  'Arias',
  'Lozano',
  'Peña',
  'Durán',
  'Mora',
  'Sáez',
  'Rivas',
  'Pons',
  'Echeverría',
  'Salas',
  'Luna',
  'Marín',
  'Reyes',
  'Otero',
];

/** The person with this number; the first 40 have a first name of their own, later ones a number in the e-mail. */
export function seedPerson(
  index: number,
  { domain, locations }: { domain: string; locations: readonly string[] },
): SeedPerson {
  const round = Math.floor(index / firstNames.length);
  const firstName = firstNames[index % firstNames.length] ?? '';
  const lastName = lastNames[(index + round) % lastNames.length] ?? '';
  const suffix = round === 0 ? '' : String(index + 1);
  return {
    firstName,
    lastName,
    email: `${toAscii(firstName)}.${toAscii(lastName)}${suffix}@${domain}`,
    location: locations[index % locations.length] ?? '',
    startsOn: startsOn(index),
  };
}

/** The people of ACME. */
export const seedPeople: readonly SeedPerson[] = Array.from({ length: 40 }, (_, index) =>
  seedPerson(index, { domain: 'acme.example', locations: LOCATION_NAMES }),
);

/** Most have been there for years; every tenth came in 2025 or 2026. */
function startsOn(index: number): string {
  const recent = index % 10 === 9;
  const year = recent ? 2025 + (Math.floor(index / 10) % 2) : 2014 + ((index * 7) % 10);
  const month = 1 + ((index * 5) % (recent ? 9 : 12));
  const day = 1 + ((index * 11) % 28);
  return `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}

function toAscii(name: string): string {
  return name
    .normalize('NFD')
    .replace(/[^a-zA-Z]/g, '')
    .toLowerCase();
}
