import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, expect, type TestContext, test } from 'vitest';
import type { Result, VariantResult } from '#lab/result/result.ts';
import { startLocal } from '#lab/testbed/local/local.ts';
import type { Testbed } from '#lab/testbed/testbed.ts';
import { hops } from '#lab/topology/hops.ts';
import { constant, countedExperiment, onPath } from '#test/fixtures/counted.ts';
import { folders } from '#test/support/folders.ts';
import { runText } from '#test/support/run-text.ts';
import { hasFailed, isSlow, type Sign, withoutSign } from '#test/support/seen.ts';
import { TestbedPool } from '#test/support/testbed-pool.ts';
import { until } from '#test/support/until.ts';

const newFolder = folders();
const pool = new TestbedPool(() => startLocal({ logFolder: newFolder(), hops, seed: 3 }));
afterAll(() => pool.stop());

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

/** Runs 100 requests a second. Each variant must be valid and balanced, without loss, and all faults must begin and be cleared. */
async function runWith<V extends object>(
  forMs: number,
  faults: readonly Fault[],
  variants: V,
  drainMs = 20_000,
  folder = newFolder(),
): Promise<Record<keyof V, VariantResult>> {
  const text = experiment(forMs, faults, variants, drainMs);
  const { errors, validity, ...result } = await pool.run((testbed) =>
    runText(text, async () => testbed, { folder }),
  );
  expect(errors).toEqual([]);
  expect(validity.filter(({ ok }) => !ok)).toEqual([]);
  for (const { ledger, faults, lost, offered } of result.variants) {
    expect(ledger.checks.filter(({ ok }) => !ok)).toEqual([]);
    expect([offered, lost]).toEqual([forMs / 10, 0]);
    // Timers round to ms.
    expect(faults?.filter(({ took, asked }) => !took || took.fromMs <= asked.fromMs - 1)).toEqual([]);
  }
  const named = result.variants.map((variant) => [variant.name, variant]);
  return Object.fromEntries(named);
}

const cut = { kind: 'limit-data', bytes: 100 };

/** Faults of every kind on these hops, one after the other; `slow-close` together with a cut. */
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

/** Signs for the caller of a gateway; an unaffected request takes 5 ms and doesn't fail. */
const signs: Readonly<Record<string, Sign>> = {
  'latency-0': isSlow, // there and back
  'bandwidth-0': isSlow,
  'slicer-0': isSlow,
  'blackhole-0': hasFailed,
  'blackhole-there-0': hasFailed,
  'blackhole-back-0': hasFailed,
  'reset-0': hasFailed,
  'limit-data-0': hasFailed,
  'slow-close-0': isSlow, // what is cut fails at once without it
  'down-0': hasFailed,
};

test.concurrent('whatever happens on the way to downstream takes, ends, and is accounted for', async () => {
  const faults = everything('gateway->downstream', 'consumer->downstream');
  const folder = newFolder();
  const { rpc, event } = await runWith(
    everythingMs,
    faults,
    { ...both, rpc: onPath('rpc', 1000) },
    20_000,
    folder,
  );
  expect(await withoutSign(folder, rpc, signs)).toEqual([]);
  // Redelivery recovers from every fault of the network.
  expect(sum(event.outcomes, 'ok', 'late')).toBe(event.offered);
});

test.concurrent('whatever happens on the way from the load leaves requests unknown, and is accounted for', async () => {
  const faults = everything('load->gateway', 'load->publisher');
  // Events not known to be in the stream stay open until the end of the drain.
  const { rpc, event } = await runWith(everythingMs, faults, both, 1500);
  for (const [{ outcomes, offered, windows }, down] of [
    [rpc, 'during down-0'],
    [event, 'during down-1'],
  ] as const) {
    expect(outcomes.unknown).toBeGreaterThan(10);
    // Requests without a connection were not sent. On a busy machine, the fault may begin after the last scheduled time.
    const unsent = windows!.find(({ name }) => name === down)!;
    expect(sum(unsent.outcomes, 'failed', 'dropped')).toBeGreaterThanOrEqual(0.5 * unsent.offered);
    expect(sum(outcomes, 'ok', 'late', 'timeout', 'unknown', 'failed', 'dropped')).toBe(offered);
  }
});

test.concurrent('whatever happens on the way to the broker loses no accepted event', async () => {
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
    // The request scheduled at its begin waited for its end, and not for as long again.
    expect(event.latency!.maxMs).toBeGreaterThan(6000);
    expect(event.durationMs).toBeLessThan(16_000);
    if (stream === 'upstream') expect(event.attempts).toBeGreaterThan(event.offered);
  },
);

const down = { atMs: 100, forMs: 50_000, target: 'gateway->downstream', fault: { kind: 'down' } };

/** The same testbed but for some of its properties. */
const changed = (testbed: Testbed, changes: Partial<Testbed>): Testbed =>
  new Proxy(testbed, { get: (target, name) => Reflect.get(name in changes ? changes : target, name) });

/** Interrupts a run on a testbed while something is down there; `inForce` asks whether it is. */
async function interruptedOn(testbed: Testbed, inForce: () => Promise<boolean>): Promise<Result> {
  const interrupt = new AbortController();
  const text = experiment(60_000, [down], both, 1000);
  const { signal } = interrupt;
  const running = runText(text, async () => testbed, { folder: newFolder(), signal });
  await until(inForce);
  interrupt.abort(new Error('enough'));
  return await running;
}

/** Runs on a testbed that has nothing broken afterwards, although the run ends by an error. */
const endedEarly = (runOn: (testbed: Testbed) => Promise<Result>) => pool.run(runOn, () => true);

test('a fault of the network is cleared when the run is interrupted', async () => {
  let left: unknown[] | undefined;
  const { errors } = await endedEarly((testbed) => {
    const active = async () => (await (await fetch(`${testbed.netproxyUrl}/faults`)).json()) as unknown[];
    const stop = async () => {
      left = await active();
    };
    return interruptedOn(changed(testbed, { stop }), async () => (await active()).length > 0);
  });
  expect(errors).toMatchObject([{ name: 'interrupted' }]);
  expect(left).toEqual([]);
});

test('a fault that does not end when the run is interrupted is an error beside it', async ({
  onTestFinished,
}) => {
  const { netproxyUrl, methods } = await stubborn(onTestFinished);
  const { errors } = await endedEarly((testbed) =>
    interruptedOn(changed(testbed, { netproxyUrl }), async () => methods.includes('PUT')),
  );
  expect(errors).toMatchObject([
    { name: 'interrupted' },
    { name: 'fault-failed', message: 'the fault f0 did not end' },
  ]);
});

test('if a fault does not end and so ends the run, the state of another is reported, too', async ({
  onTestFinished,
}) => {
  const { netproxyUrl } = await stubborn(onTestFinished);
  const other = { ...down, target: 'consumer->downstream' };
  const text = experiment(60_000, [{ ...down, forMs: 200 }, other], both, 1000);
  const { errors } = await endedEarly((testbed) =>
    runText(text, async () => changed(testbed, { netproxyUrl }), { folder: newFolder() }),
  );
  expect(errors).toMatchObject([
    { name: 'fault-failed', message: 'the fault f0 did not end' },
    { name: 'fault-failed', message: 'the fault f1 did not end' },
  ]);
});

/** A netproxy that always says that the faults are in force, and the methods it was asked with. */
async function stubborn(onTestFinished: TestContext['onTestFinished']) {
  const methods: string[] = [];
  const answers: Readonly<Record<string, string>> = { '/config': '{"proxies":[]}', '/metrics': '' };
  const server = createServer(({ method, url = '' }, answer) => {
    methods.push(method!);
    const [path = ''] = url.split('?');
    answer.end(answers[path] ?? '[{"name":"f0"},{"name":"f1"}]');
  });
  return { netproxyUrl: await listening(server, onTestFinished), methods };
}

/** Listens on a free port of loopback until the test is over; resolves with the URL. */
async function listening(server: Server, onTestFinished: TestContext['onTestFinished']): Promise<string> {
  server.listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
