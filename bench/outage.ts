import type { BenchOptions } from './options.ts';
export async function benchOutage(_: BenchOptions): Promise<object> { return {}; }
