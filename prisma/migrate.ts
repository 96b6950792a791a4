import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import path from 'node:path';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import * as engineModule from '@prisma/schema-engine-wasm/schema_engine_bg';

const here = path.dirname(fileURLToPath(import.meta.url));

/**
 * Applies the migrations that the database does not have yet, in order, and answers their names.
 * Safe to repeat and safe beside `prisma migrate deploy`: both keep the table `_prisma_migrations`.
 * Uses Prisma's schema engine as WebAssembly, so that nothing has to be downloaded.
 */
export async function migrate(databaseUrl: string, onProgress?: (name: string) => void): Promise<string[]> {
  const { engine, close } = await openSchemaEngine(databaseUrl);
  try {
    const { appliedMigrationNames } = await engine.applyMigrations({
      migrationsList: readMigrations(),
      filters: { externalTables: [], externalEnums: [] },
    });
    for (const name of appliedMigrationNames) onProgress?.(name);
    return appliedMigrationNames;
  } finally {
    await close();
  }
}

/** Node has WebAssembly; only the browser's type library declares it. */
const { WebAssembly: webAssembly } = globalThis as unknown as {
  WebAssembly: {
    instantiate(
      bytes: Uint8Array,
      imports: object,
    ): Promise<{ instance: { exports: Record<string, () => void> } }>;
  };
};
let engineReady = false;

async function openSchemaEngine(
  databaseUrl: string,
): Promise<{ engine: engineModule.SchemaEngine; close: () => Promise<void> }> {
  if (!engineReady) {
    const glue = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg');
    const bytes = readFileSync(path.join(path.dirname(glue), 'schema_engine_bg.wasm'));
    const { instance } = await webAssembly.instantiate(bytes, { './schema_engine_bg.js': engineModule });
    engineModule.__wbg_set_wasm(instance.exports);
    instance.exports['__wbindgen_start']?.();
    engineReady = true;
  }
  const file = path.join(here, 'schema.prisma');
  // A pool of our own: the engine closes its adapter, but not what the adapter was made with.
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 });
  const adapter = bindMigrationAwareSqlAdapterFactory(new PrismaPg(pool));
  const engine = await engineModule.SchemaEngine.new(
    { datamodels: [[file, readFileSync(file, 'utf8')]] },
    () => undefined,
    adapter,
  );
  const close = async (): Promise<void> => {
    engine.free();
    await pool.end();
  };
  return { engine, close };
}

function readMigrations() {
  const baseDir = path.join(here, 'migrations');
  const names = readdirSync(baseDir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
  return {
    baseDir,
    lockfile: {
      path: 'migration_lock.toml',
      content: readFileSync(path.join(baseDir, 'migration_lock.toml'), 'utf8'),
    },
    shadowDbInitScript: '',
    migrationDirectories: names.map((name) => ({
      path: name,
      migrationFile: {
        path: 'migration.sql',
        content: {
          tag: 'ok' as const,
          value: readFileSync(path.join(baseDir, name, 'migration.sql'), 'utf8'),
        },
      },
    })),
  };
}
