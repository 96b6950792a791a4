import { fileURLToPath } from 'node:url';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { clock } from './clock.ts';

/** A process that runs `pingWorkflow` and tells when each of its activities began. Set like our own worker. */
Runtime.install({ logger: new DefaultLogger('ERROR') });
const connection = await NativeConnection.connect({ address: process.env['BENCH_TEMPORAL_ADDRESS'] ?? '' });
const worker = await Worker.create({
  connection,
  taskQueue: 'bench-ping',
  workflowsPath: fileURLToPath(new URL('./baseline-workflow.js', import.meta.url)),
  activities: { arrive: async (n: number) => void process.send?.({ n, at: clock() }) },
  maxConcurrentActivityTaskExecutions: 20,
  maxEagerActivityReservationsPerWorkflowTask: 0,
});
process.on('disconnect', () => process.exit());
process.send?.({ n: -1, at: clock() });
await worker.run();
