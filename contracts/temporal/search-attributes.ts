import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

/** Typed keys of the search attributes in `names.ts`. */
export const tenantIdKey = defineSearchAttributeKey('TenantId', SearchAttributeType.KEYWORD);
export const connectionStatusKey = defineSearchAttributeKey('ConnectionStatus', SearchAttributeType.KEYWORD);
export const tokenStatusKey = defineSearchAttributeKey('TokenStatus', SearchAttributeType.KEYWORD);
export const troubleCodesKey = defineSearchAttributeKey('TroubleCodes', SearchAttributeType.KEYWORD_LIST);
export const openFailuresKey = defineSearchAttributeKey('OpenFailures', SearchAttributeType.INT);
export const oldestPendingAtKey = defineSearchAttributeKey('OldestPendingAt', SearchAttributeType.DATETIME);
export const lastVerifiedAtKey = defineSearchAttributeKey('LastVerifiedAt', SearchAttributeType.DATETIME);
