// Jest loads this file outside of its transforms: tsx reads the TypeScript behind it.
import { tsImport } from 'tsx/esm/api';

/** Offers PostgreSQL and Temporal to the suites; each starts when the first test asks for it. */
export default async function globalSetup() {
  const { startTestServers } = await tsImport('./servers.ts', import.meta.url);
  const servers = await startTestServers();
  globalThis.workmeterTestServers = servers;
  process.env.TEST_SERVERS_URL = servers.url;
}
