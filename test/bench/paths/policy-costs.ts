import { join } from 'node:path';
import type { Clock } from '#kit/clock.ts';
import type { parser } from '#kit/schema/parser.ts';
import type { Pipeline, pipeline } from '#policies/pipeline.ts';
import type { Call } from '#policies/policy.ts';

const calls = 200_000;

/** Lists of policies with limits so wide that none of them acts. */
export const policySets = {
  timeout: [{ timeout: { ms: 2000 } }],
  deadline: [{ deadline: { ms: 4000 } }],
  retry: [{ retry: { maxRetries: 3 } }],
  'retry with a budget': [{ retry: { maxRetries: 3, budget: { kind: 'finagle' } } }],
  breaker: [{ breaker: { window: { kind: 'count', size: 20 }, failures: 8 } }],
  bulkhead: [{ bulkhead: { concurrency: 1000, queue: 1000 } }],
  'all five': [
    { deadline: { ms: 4000 } },
    { retry: { maxRetries: 3, budget: { kind: 'finagle' } } },
    { breaker: { window: { kind: 'count', size: 20 }, failures: 8 } },
    { bulkhead: { concurrency: 1000, queue: 1000 } },
    { timeout: { ms: 2000 } },
  ],
} as const;

/**
 * Returns the CPU time in µs that each list of policies of a checkout adds to a call that resolves at once. Another call
 * is in progress, so that its timers exist: Node's first timer of a duration costs three times as much.
 */
export async function policyCosts(root: string): Promise<Record<string, number>> {
  const from = (file: string) => import(join(root, 'services', file));
  const { systemClock }: { systemClock: Clock } = await from('kit/clock.ts');
  const kit: { parser: typeof parser } = await from('kit/schema/parser.ts');
  const policies: { Pipeline: typeof Pipeline; pipeline: typeof pipeline } =
    await from('policies/pipeline.ts');
  const caller = new AbortController();
  const measure = async (specs: readonly object[]) => {
    const surroundings = { clock: systemClock, seed: 1, emit: () => undefined };
    const policy = policies.pipeline(kit.parser(policies.Pipeline)(specs), surroundings);
    policy(hangs)(request('other'), caller.signal).catch(() => undefined);
    const call = policy(resolves);
    await cpuUs(call); // compiles the code
    return cpuUs(call);
  };
  const bare = await measure([]);
  const costs: Record<string, number> = {};
  for (const [name, specs] of Object.entries(policySets)) costs[name] = (await measure(specs)) - bare;
  caller.abort();
  return costs;
}

const hangs: Call = () => new Promise(() => {});
const resolves: Call = async () => '{}';
const request = (id: string) => ({ id, body: '{}', attempts: 0 });

/** Returns the CPU time per call. Each call has a caller's signal of its own. */
async function cpuUs(call: Call): Promise<number> {
  const before = process.cpuUsage();
  for (let i = 0; i < calls; i++) await call(request('r1'), new AbortController().signal);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / calls;
}
