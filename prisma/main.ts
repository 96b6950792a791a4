import { configOrExit } from '../platform/config.ts';
import { migrate } from './migrate.ts';

const { databaseUrl } = configOrExit('migrate');
const applied = await migrate(databaseUrl, (name) => console.log(`applied ${name}`));
console.log(
  applied.length === 0
    ? 'The database is up to date.'
    : `The database is up to date: ${applied.length} applied.`,
);
