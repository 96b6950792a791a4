export { connectionWorkflow } from './connection.ts';
export { reconciliationWorkflow } from './reconciliation.ts';
export { replayWorkflow } from './replay.ts';
export { supervisorWorkflow } from './supervisor.ts';
