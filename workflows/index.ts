export { connectionWorkflow } from './connection.ts';
export { reconciliationWorkflow } from './reconciliation.ts';
export { supervisorWorkflow } from './supervisor.ts';
