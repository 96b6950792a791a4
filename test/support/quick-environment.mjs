import { constants, createContext, runInContext } from 'node:vm';
import { TestEnvironment } from 'jest-environment-node';

// Nothing is left to do by then. Freeing a large heap piece by piece takes longer than jest waits for one of its processes.
process.once('beforeExit', () => process.exit());

/**
 * Jest's own environment for Node with plain globals. There each one, even `Math` and `Promise`, is looked up through a proxy:
 * what computes days or checks schemas takes three to ten times as long as in the service. Each test file still has its own.
 */
export default class QuickEnvironment extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    const slow = this.global;
    this.context = createContext(constants.DONT_CONTEXTIFY);
    this.global = runInContext('globalThis', this.context);
    const builtIn = new Set(Reflect.ownKeys(this.global));
    for (const name of Reflect.ownKeys(slow)) if (!builtIn.has(name)) passOn(slow, this.global, name);
    // As in jest's own: one class for bytes, whichever side made them.
    const { Buffer, ArrayBuffer, Uint8Array } = slow;
    Object.assign(this.global, { global: this.global, Buffer, ArrayBuffer, Uint8Array });
    this.global.Error.stackTraceLimit = slow.Error.stackTraceLimit;
    const { projectConfig } = config;
    this.moduleMocker = new this.moduleMocker.constructor(this.global);
    this.fakeTimersModern = new this.fakeTimersModern.constructor({
      config: projectConfig,
      global: this.global,
    });
  }

  async teardown() {
    await super.teardown();
    this.global = null;
  }
}

/** Read when it is first asked for: some load half of Node. */
function passOn(from, to, name) {
  const { enumerable } = Object.getOwnPropertyDescriptor(from, name);
  const become = (value) =>
    Object.defineProperty(to, name, { configurable: true, enumerable, writable: true, value });
  Object.defineProperty(to, name, {
    configurable: true,
    enumerable,
    get: () => become(from[name])[name],
    set: become,
  });
}
