import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { systemClock } from '#kit/clock.ts';
import type { Result, VariantResult } from '#lab/result/result.ts';
import type { Testbed } from '#lab/testbed/testbed.ts';
import { hops } from '#lab/topology/hops.ts';
import { constant, countedExperiment, onPath } from '#test/fixtures/counted.ts';
import { listening } from '#test/support/listening.ts';
import { pooledRuns } from '#test/support/pooled.ts';
import { hasFailed, isSlow, type Sign, withoutSign } from '#test/support/seen.ts';
import { until } from '#test/support/until.ts';

const run = pooledRuns({ hops, seed: 3 });

type Fault = Readonly<Record<string, unknown>>;

const both = { rpc: onPath('rpc', 200), event: onPath('event', 200) };

const experiment = (forMs: number, faults: readonly Fault[], variants: object, drainMs: number) =>
  countedExperiment({
    drainMs,
    connections: 500,
    load: constant(100, forMs),
    downstream: { model: { kind: 'fixed', latencyMs: 5 } },
    variants,
    faults: faults.map((fault, index) => ({ name: `f${index}`, ...fault })),
  });

/** Runs 100 requests a second. Expects valid variants that lose nothing, and that all faults became active. */
async function runWith<V extends object>(
  forMs: number,
  faults: readonly Fault[],
  variants: V,
  drainMs = 20_000,
  folder = run.newFolder(),
): Promise<Record<keyof V, VariantResult>> {
  const text = experiment(forMs, faults, variants, drainMs);
  const { errors, validity, ...result } = await run(text, { folder });
  expect(errors).toEqual([]);
  expect(validity.filter(({ ok }) => !ok)).toEqual([]);
  for (const { ledger, faults, lost, offered } of result.variants) {
    expect(ledger.checks.filter(({ ok }) => !ok)).toEqual([]);
    expect([offered, lost]).toEqual([forMs / 10, 0]);
    // A timer of Node may fire 1 ms early.
    expect(faults?.filter(({ took, asked }) => !took || took.fromMs <= asked.fromMs - 1)).toEqual([]);
  }
  const named = result.variants.map((variant) => [variant.name, variant]);
  return Object.fromEntries(named);
}

const cut = { kind: 'limit-data', bytes: 100 };

/** Returns faults of every kind on these hops, one after the other. `slow-close` comes with a cut that it delays. */
const everything = (...targets: readonly string[]): Fault[] =>
  [
    { latency: { kind: 'latency', latencyMs: 50, jitterMs: 5 } },
    { bandwidth: { kind: 'bandwidth', kilobytesPerSecond: 1 } },
    { slicer: { kind: 'slicer', averageBytes: 20, delayUs: 10_000 } },
    { blackhole: { kind: 'blackhole' } },
    { 'blackhole-there': { kind: 'blackhole', stream: 'upstream' } },
    { 'blackhole-back': { kind: 'blackhole', stream: 'downstream' } },
    { reset: { kind: 'reset' } },
    { 'limit-data': cut },
    { cut, 'slow-close': { kind: 'slow-close', delayMs: 100 } },
    { down: { kind: 'down' } },
  ].flatMap((faults, index) =>
    Object.entries(faults).flatMap(([what, fault], after) =>
      targets.map((target, which) => ({
        name: `${what}-${which}`,
        atMs: 200 + index * 500 + after * 20,
        forMs: 350 - after * 20,
        target,
        fault,
      })),
    ),
  );
const everythingMs = 5200;

const sum = (outcomes: VariantResult['outcomes'], ...names: (keyof VariantResult['outcomes'])[]) =>
  names.reduce((total, name) => total + outcomes[name], 0);

/** Sign by which the gateway's caller sees each fault. A request without a fault takes 5 ms and doesn't fail. */
const signs: Readonly<Record<string, Sign>> = {
  'latency-0': isSlow, // 50 ms per direction
  'bandwidth-0': isSlow,
  'slicer-0': isSlow,
  'blackhole-0': hasFailed,
  'blackhole-there-0': hasFailed,
  'blackhole-back-0': hasFailed,
  'reset-0': hasFailed,
  'limit-data-0': hasFailed,
  'slow-close-0': isSlow, // the cut alone would let a request fail at once
  'down-0': hasFailed,
};

test.concurrent('every fault of the hops to downstream begins, ends, and is accounted for', async () => {
  const faults = everything('gateway->downstream', 'consumer->downstream');
  const folder = run.newFolder();
  const { rpc, event } = await runWith(
    everythingMs,
    faults,
    { ...both, rpc: onPath('rpc', 1000) },
    20_000,
    folder,
  );
  expect(await withoutSign(folder, rpc, signs)).toEqual([]);
  // By redelivery, every event completes in spite of the network's faults.
  expect(sum(event.outcomes, 'ok', 'late')).toBe(event.offered);
});

test.concurrent('faults of the hops from the load leave requests unknown, and are accounted for', async () => {
  const faults = everything('load->gateway', 'load->publisher');
  // The drain is short: an event whose publish got no answer stays open until its end.
  const { rpc, event } = await runWith(everythingMs, faults, both, 1500);
  for (const [{ outcomes, offered, windows }, down] of [
    [rpc, 'during down-0'],
    [event, 'during down-1'],
  ] as const) {
    expect(outcomes.unknown).toBeGreaterThan(10);
    // Requests without a connection were not sent. The limit is relative, since on a busy machine the fault may begin
    // after the last request.
    const unsent = windows!.find(({ name }) => name === down)!;
    expect(sum(unsent.outcomes, 'failed', 'dropped')).toBeGreaterThanOrEqual(0.5 * unsent.offered);
    expect(sum(outcomes, 'ok', 'late', 'timeout', 'unknown', 'failed', 'dropped')).toBe(offered);
  }
});

test.concurrent('faults of the hops to the broker lose no accepted event', async () => {
  const faults = everything('publisher->nats', 'consumer->nats');
  const { event } = await runWith(everythingMs, faults, { event: both.event }, 4000);
  expect(sum(event.outcomes, 'ok', 'late', 'dropped', 'unknown')).toBe(event.offered);
  expect(event.outcomes.late).toBeGreaterThan(0);
});

test.concurrent.each([
  ['both ways', 'both'],
  ['towards the broker, where acknowledgements vanish and events are done again', 'upstream'],
  ['towards the consumer, where deliveries vanish', 'downstream'],
])(
  'a partition between consumer and broker, %s, that lasts until the consumer gives up its connection, loses nothing',
  async (_sentence, stream) => {
    const hole = { target: 'consumer->nats', fault: { kind: 'blackhole', stream } };
    const { event } = await runWith(1000, [{ atMs: 500, forMs: 7500, ...hole }], { event: both.event });
    expect(sum(event.outcomes, 'ok', 'late')).toBe(event.offered);
    // The event scheduled at the fault's start waited for its end, and the run took less than twice as long.
    expect(event.latency!.maxMs).toBeGreaterThan(6000);
    expect(event.durationMs).toBeLessThan(16_000);
    if (stream === 'upstream') expect(event.attempts).toBeGreaterThan(event.offered);
  },
);

const down = { atMs: 100, forMs: 50_000, target: 'gateway->downstream', fault: { kind: 'down' } };
const downFor60s = (...faults: readonly Fault[]) => experiment(60_000, faults, both, 1000);

/** Returns a function that returns a testbed with some properties replaced. */
const changed = (changes: (testbed: Testbed) => Partial<Testbed>) => (testbed: Testbed) => {
  const others = changes(testbed);
  return new Proxy(testbed, {
    get: (target, name) => Reflect.get(name in others ? others : target, name),
  });
};

/** Starts a run that takes a connection down, and interrupts the run once `inForce` resolves with true. */
async function interrupted(
  changes: (testbed: Testbed) => Partial<Testbed>,
  inForce: () => Promise<boolean>,
): Promise<Result> {
  const interrupt = new AbortController();
  const { signal } = interrupt;
  // The testbed can be reused, although the run ends with an error: the interrupt.
  const running = run(downFor60s(down), { on: changed(changes), isReusable: () => true, signal });
  await until(inForce);
  interrupt.abort(new Error('enough'));
  return await running;
}

test('a fault of the network is cleared when the run is interrupted', async () => {
  let left: unknown[] | undefined;
  let active = async (): Promise<unknown[]> => [];
  const { errors } = await interrupted(
    ({ netproxyUrl }) => {
      active = async () => (await (await fetch(`${netproxyUrl}/faults`)).json()) as unknown[];
      const stop = async () => {
        left = await active();
      };
      return { stop };
    },
    async () => (await active()).length > 0,
  );
  expect(errors).toMatchObject([{ name: 'interrupted' }]);
  expect(left).toEqual([]);
});

test('a fault that does not end when the run is interrupted is an error beside it', async () => {
  const { netproxyUrl, methods } = await stubborn();
  const { errors } = await interrupted(
    () => ({ netproxyUrl }),
    async () => methods.includes('PUT'),
  );
  expect(errors).toMatchObject([
    { name: 'interrupted' },
    { name: 'fault-failed', message: 'the fault f0 did not end' },
  ]);
});

test('if a fault does not end and so ends the run, the state of another is reported, too', async () => {
  const { netproxyUrl } = await stubborn();
  const other = { ...down, target: 'consumer->downstream' };
  const { errors } = await run(downFor60s({ ...down, forMs: 200 }, other), {
    on: changed(() => ({ netproxyUrl })),
    isReusable: () => true,
  });
  expect(errors).toMatchObject([
    { name: 'fault-failed', message: 'the fault f0 did not end' },
    { name: 'fault-failed', message: 'the fault f1 did not end' },
  ]);
});

/** Starts a fake netproxy that always reports active faults. `methods` records the methods of the requests to it. */
async function stubborn() {
  const methods: string[] = [];
  const times = () => {
    const nowMs = systemClock.now();
    return JSON.stringify({
      receivedMs: nowMs,
      answeredMs: nowMs,
      wallMs: systemClock.wallTime().getTime(),
    });
  };
  const answers: Readonly<Record<string, () => string>> = {
    '/config': () => '{"proxies":[]}',
    '/metrics': () => '',
    '/clock': times,
  };
  const server = createServer(({ method, url = '' }, answer) => {
    methods.push(method!);
    const [path = ''] = url.split('?');
    answer.end(answers[path]?.() ?? '[{"name":"f0"},{"name":"f1"}]');
  });
  return { netproxyUrl: `http://127.0.0.1:${await listening(server)}`, methods };
}
