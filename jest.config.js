/** Run through `npm test`, which sets up what the suites need and lets Node load ES modules into jest. */
export default {
  testEnvironment: './test/support/quick-environment.mjs',
  testMatch: ['**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/', '/repositories/generated/'],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/\\.data/'],
  watchPathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/\\.data/'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2023', keepClassNames: true },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
    // Fastify's parts `require` these, which are ES modules only; jest on Node 20 cannot.
    '/node_modules/(?:cookie|content-disposition)/.+\\.js$': [
      '@swc/jest',
      { jsc: { target: 'es2023' }, module: { type: 'commonjs' } },
    ],
  },
  transformIgnorePatterns: ['/node_modules/(?!(?:cookie|content-disposition)/)'],
  testSequencer: './test/support/longest-first.mjs',
  globalSetup: './test/support/global-setup.mjs',
  globalTeardown: './test/support/global-teardown.mjs',
  // One more than the two cores that the suites are measured on: they wait a good part of their time. Each worker process has
  // its own databases and task queues.
  maxWorkers: 3,
  testTimeout: 30_000,
};
