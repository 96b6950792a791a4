import type { BenchOptions } from './options.ts';
export async function benchBurst(_: BenchOptions): Promise<object> { return {}; }
