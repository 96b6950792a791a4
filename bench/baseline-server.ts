import type { AddressInfo } from 'node:net';
import { Client, Connection } from '@temporalio/client';
import { fastify } from 'fastify';

/**
 * A process with what the ingress is compared with: `/empty` parses a JSON body and says 200; `/signal` also sends one
 * Temporal signal before it says 200. Nothing works the signals off: that is the best case for them.
 */
const workflows = 50;
const address = process.env['BENCH_TEMPORAL_ADDRESS'] ?? '';

const connection = await Connection.connect({ address });
const client = new Client({ connection });
const handles = await Promise.all(
  Array.from({ length: workflows }, (_, index) =>
    client.workflow.start('nobody', {
      workflowId: `bench-signals-${process.pid}-${index}`,
      taskQueue: 'bench-nobody',
    }),
  ),
);

const app = fastify();
app.post('/empty', () => ({ stored: true }));
let turn = 0;
app.post('/signal', async () => {
  await handles[(turn += 1) % workflows]?.signal('delivered', { n: turn });
  return { stored: true };
});
await app.listen({ host: '127.0.0.1', port: 0 });
process.on('disconnect', () => process.exit());
process.send?.({ url: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}` });
