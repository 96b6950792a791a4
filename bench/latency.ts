import type { BenchOptions } from './options.ts';
export async function benchLatency(_: BenchOptions): Promise<object> { return {}; }
