import { createServer } from 'node:net';

/** Whether nobody listens on this port of this machine. */
export async function isFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return (await listenOnce(port, host)) !== null;
}

/** Below the range from which systems take ports for outgoing connections: nobody gets ours by chance. */
const quietPorts = { from: 15_000, to: 32_000 } as const;

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 100; tries += 1) {
    const port = quietPorts.from + Math.floor(Math.random() * (quietPorts.to - quietPorts.from));
    if ((await isFree(port)) && (await isFree(port, '0.0.0.0'))) return port;
  }
  throw new Error('this machine has no free port');
}

async function listenOnce(port: number, host: string): Promise<number | null> {
  return await new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(null));
    server.listen({ port, host, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : null));
    });
  });
}

/** How many ports above the usual one are tried. */
const attempts = 200;

/**
 * Chooses ports one after the other: a set one must be free (else a clear error), an unset one is the usual one if free,
 * else the next free. Never gives the same port twice.
 */
export class PortChooser {
  readonly #taken = new Set<number>();

  async choose(variable: string, set: string | undefined, usual: number): Promise<number> {
    if (set !== undefined && set.trim() !== '') {
      const port = Number(set);
      if (!Number.isInteger(port) || port < 0 || port > 65_535)
        throw new Error(`${variable} must be a whole number from 0 to 65535`);
      if (port === 0) return this.#keep(await freePort());
      if (this.#taken.has(port) || !(await this.#isFree(port))) {
        throw new Error(
          `${variable}=${port}: this port is in use. Stop what listens on it, choose another, or unset ${variable}`,
        );
      }
      return this.#keep(port);
    }
    for (let port = usual; port < usual + attempts; port += 1) {
      if (!this.#taken.has(port) && (await this.#isFree(port))) return this.#keep(port);
    }
    return this.#keep(await freePort());
  }

  /** Free on loopback and on all interfaces: a server of another program may listen on either. */
  async #isFree(port: number): Promise<boolean> {
    return (await isFree(port)) && (await isFree(port, '0.0.0.0'));
  }

  #keep(port: number): number {
    this.#taken.add(port);
    return port;
  }
}
