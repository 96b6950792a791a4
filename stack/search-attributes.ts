/** The search attributes of contract.md 3, by the type names of the Temporal CLI. */
export const searchAttributes = {
  TenantId: 'Keyword',
  ConnectionStatus: 'Keyword',
  TokenStatus: 'Keyword',
  TroubleCodes: 'KeywordList',
  OpenFailures: 'Int',
  OldestPendingAt: 'Datetime',
  LastVerifiedAt: 'Datetime',
} as const;
