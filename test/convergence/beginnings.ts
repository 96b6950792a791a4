import type { Database } from '../../repositories/database.ts';
import type { Collection } from '../../simulator/collection.ts';
import { createCompany, type Company } from '../../simulator/company.ts';
import type { World } from '../../simulator/world.ts';

/**
 * Connecting a tenant and synchronising it for the first time costs as much as the rest of a history, and is the same for all that
 * begin alike: it is done once, and copied.
 */

/** Must run once on a database before `copyTenant`. */
export async function prepareCopies(db: Database): Promise<void> {
  await db.$executeRawUnsafe(`
    CREATE FUNCTION copy_tenant(source text, target text) RETURNS void LANGUAGE plpgsql AS $body$
    DECLARE one record;
    BEGIN
      FOR one IN
        SELECT part.table_name AS name, string_agg(quote_ident(part.column_name), ', ') AS columns,
          string_agg(CASE WHEN part.column_name = 'tenant_id' OR part.table_name = 'tenants' AND part.column_name = 'id'
            THEN quote_literal(target) ELSE quote_ident(part.column_name) END, ', ') AS contents,
          max(CASE WHEN part.table_name = 'tenants' THEN 'id' ELSE 'tenant_id' END) AS key
        FROM information_schema.columns part
        JOIN information_schema.tables base ON base.table_schema = part.table_schema AND base.table_name = part.table_name
        WHERE part.table_schema = 'public' AND base.table_type = 'BASE TABLE' AND part.is_generated = 'NEVER'
        GROUP BY part.table_name
        HAVING bool_or(part.column_name = 'tenant_id') OR part.table_name = 'tenants'
      LOOP
        EXECUTE format('INSERT INTO %I (%s) SELECT %s FROM %I WHERE %I = %L',
          one.name, one.columns, one.contents, one.name, one.key, source);
      END LOOP;
    END $body$`);
}

/** Everything that is stored of a tenant, for another one. Secrets are bound to their tenant, and cannot be read there. */
export async function copyTenant(db: Database, from: string, to: string): Promise<void> {
  await db.$queryRaw`SELECT copy_tenant(${from}, ${to})::text`;
}

/** A company with the same rows under the same ids. */
export function copyCompany(world: World, from: Company, name: string): Company {
  const company = createCompany({ id: world.nextId('company'), name, legalEntityId: from.legalEntityId });
  const copyRows = <Row extends { id: string }>(to: Collection<Row>, rows: Collection<Row>): void => {
    for (const row of rows.all()) to.add({ ...structuredClone(row), company_id: company.id });
  };
  copyRows(company.locations, from.locations);
  copyRows(company.schedules, from.schedules);
  copyRows(company.leaveTypes, from.leaveTypes);
  copyRows(company.employees, from.employees);
  copyRows(company.leaves, from.leaves);
  copyRows(company.holidays, from.holidays);
  world.companies.set(company.id, company);
  return company;
}
