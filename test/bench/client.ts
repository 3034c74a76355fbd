import { requestsOf } from '#gateway/requests.ts';
import { Abort } from '#kit/abort.ts';
import { systemClock } from '#kit/clock.ts';
import { Metrics } from '#kit/metrics.ts';
import { readExperiment } from '#lab/experiment/read.ts';
import { sampleOf } from '#lab/explore/sample.ts';
import { openClient } from '#policies/client.ts';
import type { Client } from '#policies/declared.d.ts';
import { type Bench, figure, median } from './figure.ts';

const calls = 100_000;
const inFlight = 100;

const empty: Client =
  ({ send }) =>
  ({ signal }) =>
    send(signal);

/**
 * Measures the CPU time per call of the gateway's logic without policies, and around an empty client, in turns. The
 * dependency answers at once.
 */
export const bench: Bench = async (_say, { amount: turns = 10 }) => {
  const parts = () => ({ metrics: new Metrics(), upstream: { post: async () => '{"done":true}' } });
  const client = () => openClient(empty, '', systemClock);
  const [plain, around] = [requestsOf(parts()), requestsOf({ ...parts(), client })];
  await around.opened;
  const measured: [number, number][] = [];
  for (let turn = 0; turn <= turns; turn++) measured.push([await costUs(plain), await costUs(around)]);
  measured.shift(); // cold
  return [
    figure('call without policies', median(measured.map(([each]) => each)), 'µs'),
    figure('the empty client adds', median(measured.map(([one, other]) => other - one)), 'µs', { atMost: 5 }),
    ...(await simulatedSpeeds(Math.min(turns, 3))),
  ];
};

const clients = ['own-breaker', 'p-retry', 'cockatiel', 'opossum'];

/** Measures the attempts a second of simulations of clients, of those of our own policies, in turns. */
async function simulatedSpeeds(turns: number) {
  const speedOf = async (variant: string) => {
    const file = readExperiment('test/fixtures/virtual/speed.yaml', {}, [variant]);
    const startedAtMs = systemClock.now();
    const { figures, problem } = await sampleOf(file, 1);
    if (problem !== undefined) throw new Error(problem);
    const attempts = figures.find(({ metric }) => metric === 'attempts')!.value!;
    return attempts / (systemClock.now() - startedAtMs);
  };
  const ratios = new Map<string, number[]>(clients.map((name) => [name, []]));
  for (let turn = 0; turn < turns; turn++) {
    const own = await speedOf('policies');
    for (const name of clients) ratios.get(name)!.push((await speedOf(name)) / own);
  }
  return clients.map((name) =>
    figure(`simulated ${name} ÷ policies`, median(ratios.get(name)!), '', { atLeast: 0.3 }),
  );
}

/** Resolves with the CPU time per call, in µs. */
async function costUs({ serve }: ReturnType<typeof requestsOf>): Promise<number> {
  const request = (id: string) => ({
    body: { id },
    leftMs: 1000,
    class: undefined,
    attempt: undefined,
    traceparent: undefined,
  });
  const before = process.cpuUsage();
  for (let call = 0; call < calls; call += inFlight)
    await Promise.all(
      Array.from({ length: inFlight }, (_, index) => serve(request(`r${call + index}`), new Abort().signal)),
    );
  const { user, system } = process.cpuUsage(before);
  return (user + system) / calls;
}
