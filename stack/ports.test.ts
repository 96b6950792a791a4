import { afterEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { PortChooser, freePort, isFree } from './ports.ts';

const servers: Server[] = [];

async function takenPort(host = '127.0.0.1'): Promise<number> {
  const server = createServer().listen(0, host);
  servers.push(server);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

describe('PortChooser', () => {
  it('takes the usual port where it is free', async () => {
    const usual = await freePort();

    expect(await new PortChooser().choose('PORT', undefined, usual)).toBe(usual);
  });

  it.each(['127.0.0.1', '0.0.0.0'])('takes the next free one where somebody listens on %s', async (host) => {
    const usual = await takenPort(host);

    const chosen = await new PortChooser().choose('PORT', '', usual);

    expect(chosen).not.toBe(usual);
    expect(await isFree(chosen)).toBe(true);
  });

  it('refuses a set port that is taken, by name', async () => {
    const taken = await takenPort();

    await expect(new PortChooser().choose('PG_PORT', String(taken), 5432)).rejects.toThrow(
      `PG_PORT=${taken}: this port is in use`,
    );
  });

  it.each(['http', '70000', '-1', '1.5'])('refuses %s', async (value) => {
    await expect(new PortChooser().choose('PORT', value, 3000)).rejects.toThrow(
      'PORT must be a whole number',
    );
  });

  it('never gives one port twice', async () => {
    const chooser = new PortChooser();
    const usual = await freePort();

    const first = await chooser.choose('PORT', undefined, usual);

    expect(await chooser.choose('SIMULATOR_PORT', undefined, usual)).not.toBe(first);
    await expect(chooser.choose('PG_PORT', String(first), 5432)).rejects.toThrow('in use');
  });
});
