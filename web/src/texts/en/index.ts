import { common } from './common.ts';
import { problems } from './problems.ts';

export const en = { common, problems } as const;
