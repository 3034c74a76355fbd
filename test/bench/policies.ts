import { systemClock } from '#kit/clock.ts';
import { parser } from '#kit/schema/parser.ts';
import { Pipeline, pipeline } from '#policies/pipeline.ts';
import type { Call } from '#policies/policy.ts';
import { type Bench, figure, inRounds, median } from './figure.ts';

const rounds = 9;
const calls = 200_000;

/** Policies with limits so wide that none of them acts. */
const specs = parser(Pipeline)([
  { retry: { maxRetries: 3 } },
  { breaker: { window: { kind: 'count', size: 20 }, failures: 8 } },
  { bulkhead: { concurrency: 1000, queue: 1000 } },
  { timeout: { ms: 2000 } },
]);

const hangs: Call = () => new Promise(() => {});
const resolves: Call = async () => '{}';

/** Least work that a timeout of a call needs: a signal, a listener and a timer. */
const bare: Call = (work, signal) =>
  new Promise((resolve, reject) => {
    const controller = new AbortController();
    const abort = () => controller.abort();
    const timer = systemClock.after(2000, abort);
    signal.addEventListener('abort', abort);
    resolves(work, controller.signal).then((answer) => {
      systemClock.cancel(timer);
      signal.removeEventListener('abort', abort);
      resolve(answer);
    }, reject);
  });

/** Measures the CPU time of a call through policies that never act. */
export const bench: Bench = async (say) => {
  const policies = pipeline(specs, { clock: systemClock, seed: 1, emit: () => undefined });
  const stack = policies(resolves);
  await measure(stack);
  await measure(bare);
  const all = await inRounds(
    rounds,
    async () => [await measure(stack), await measure(bare)] as const,
    say,
    ([ofStack, ofBare]) => `${ofStack.toFixed(2)} µs, ${ofBare.toFixed(2)} bare`,
  );
  const caller = new AbortController();
  const other = policies(hangs)({ id: 'r0', body: '{}', attempts: 0 }, caller.signal);
  const besides = [await measure(stack), await measure(stack), await measure(stack)];
  caller.abort();
  await other.catch(() => undefined);
  return [
    figure(
      'stack of four policies, a call that resolves at once',
      median(all.map(([ofStack]) => ofStack)),
      'µs',
      { atMost: 2 },
    ),
    // Another call is in progress, so its timers exist. Node's first timer of a duration costs three times as much.
    figure('the same beside a call under way', median(besides), 'µs'),
    figure('a bare signal, listener and timer', median(all.map(([, ofBare]) => ofBare)), 'µs'),
  ];
};

/** Returns the CPU time per call in µs. Each call has a caller's signal of its own. */
async function measure(call: Call): Promise<number> {
  const before = process.cpuUsage();
  for (let i = 0; i < calls; i++) {
    await call({ id: 'r1', body: '{}', attempts: 0 }, new AbortController().signal);
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / calls;
}
