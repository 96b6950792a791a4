/**
 * Names and ids that live in histories, in the Web UI and in operators' scripts. Renaming one breaks running workflows.
 * Source: contract.md 3, design.md 6.
 */
export const taskQueue = 'factorial-sync';

export const workflowTypes = {
  connection: 'connectionWorkflow',
  reconciliation: 'reconciliationWorkflow',
  replay: 'replayWorkflow',
  supervisor: 'supervisorWorkflow',
} as const;

/** The one connection workflow of a tenant. */
export const connectionWorkflowId = (tenantId: string): string => `factorial-connection/${tenantId}`;

/** A reconciliation: by civil date (tenant's zone) for a nightly one, by its row's id otherwise. */
export const reconciliationWorkflowId = (tenantId: string, nightOrId: string): string =>
  `factorial-reconciliation/${tenantId}/${nightOrId}`;

/** One replay of failures; its id is unique over all tenants. */
export const replayWorkflowId = (replayId: string): string => `factorial-replay/${replayId}`;

/** The Schedule that looks after all tenants, and the beginning of its workflows' ids. */
export const supervisorId = 'factorial-supervisor';

/** The Schedule that checks the rules on live data. */
export const auditId = 'factorial-audit';

/** Dispatch order of what shares the task queue (lower first): a person waits, webhooks and duties, nights. */
export const priorities = { person: 2, normal: 3, night: 4 } as const;

/** Search attributes by name and type, as the namespace must know them. */
export const searchAttributes = {
  TenantId: 'KEYWORD',
  ConnectionStatus: 'KEYWORD',
  TokenStatus: 'KEYWORD',
  TroubleCodes: 'KEYWORD_LIST',
  OpenFailures: 'INT',
  OldestPendingAt: 'DATETIME',
  LastVerifiedAt: 'DATETIME',
} as const;
