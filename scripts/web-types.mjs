// The types of the web's API client, from the very document that the API serves: a route that changes stops the web from compiling.
import { mkdirSync, writeFileSync } from 'node:fs';
import { register } from 'node:module';
import { dirname } from 'node:path';

// openapi-typescript prints through the compiler's API, which TypeScript 7 does not have: for it, `typescript` is the
// package that keeps the API of version 6.
const hook =
  'export const resolve = (name, context, next) => next(name === "typescript" ? "@typescript/typescript6" : name, context)';

/** Writes the types to `file`. Builds the app and never listens: nothing of the world is touched. */
export async function writeWebTypes(file) {
  await import('tsx');
  const { buildApp } = await import('../api/app.ts');
  const { createMetrics } = await import('../api/metrics.ts');
  const { pino } = await import('pino');
  const app = await buildApp({
    config: { publicUrl: 'https://timework.workmeter.com' },
    metrics: createMetrics(),
    logger: pino({ level: 'silent' }),
  });
  await app.ready();
  const document = app.swagger();
  await app.close();

  register(`data:text/javascript,${encodeURIComponent(hook)}`);
  const { default: openapiTS, astToString } = await import('openapi-typescript');
  const types = astToString(await openapiTS(document, { enumValues: false }));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `// Written by scripts/web-types.mjs from /openapi.json.\n${types}`);
}
