export { connectionWorkflow } from './connection.ts';
export { reconciliationWorkflow } from './reconciliation.ts';
