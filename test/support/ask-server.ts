import type { ServerAnswers } from './servers.ts';

/** Asks jest's own process for a server; it is started where this is the first test that needs it. */
export async function askServer<Path extends keyof ServerAnswers>(path: Path): Promise<ServerAnswers[Path]> {
  const url = process.env['TEST_SERVERS_URL'];
  if (!url)
    throw new Error(
      'Run this suite with `npm test -- <file>`: it needs the servers that jest’s global set-up offers',
    );
  const response = await fetch(`${url}${path}`);
  const body = await response.text();
  if (!response.ok) throw new Error(`The test server ${path} did not start: ${body}`);
  return JSON.parse(body) as ServerAnswers[Path]; // both ends are ours and of one version
}
