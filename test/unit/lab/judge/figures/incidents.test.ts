import { expect, test } from 'vitest';
import type { ApplicationFaultOptions } from '#downstream/faults/config.ts';
import type { Fault } from '#lab/experiment/schema.ts';
import { faultResults } from '#lab/judge/figures/incidents.ts';
import { leftAlone } from '#lab/judge/result/facts.ts';
import { hops } from '#lab/kit/topology/hops.ts';

const fault = (target: 'gateway' | 'nats' | 'downstream' | 'consumer-2', atMs: number): Fault => ({
  name: `no-${target}`,
  atMs,
  forMs: 500,
  target,
  fault: { kind: 'kill' },
});
const of = (name: string, options: ApplicationFaultOptions): Fault => ({
  ...fault('downstream', 0),
  ...{ name, target: 'downstream', fault: options },
});
const faults = [fault('gateway', 100), fault('nats', 200), fault('downstream', 300)];

/** Returns an observation of faults, each scheduled for 500 ms. Each began 3 ms late and ended 220 ms late. */
const observed = (...took: Fault[]) => ({
  injected: took.map((each) => ({
    fault: each,
    state: 'killed',
    beganAtMs: 10_003 + each.atMs,
    endedAtMs: 10_720 + each.atMs,
  })),
  summary: { startedAtMs: 10_000 },
  deltas: {
    downstream: new Map([
      ['spillway_fault_affected_total{fault="slow",kind="latency"}', 12],
      ['spillway_fault_affected_total{fault="slower",kind="latency"}', 30],
    ]),
  },
});

test('faultResults have the scheduled times of each fault, and the times at which it was active, if any', () => {
  const [asked, took] = [
    { fromMs: 100, untilMs: 600 },
    { fromMs: 103, untilMs: 820 },
  ];
  const killed = { state: 'killed', affected: null };
  expect(faultResults('rpc', faults.slice(0, 2), observed(faults[0]!))).toEqual([
    { ...killed, name: 'no-gateway', target: 'gateway', onPath: true, asked, took },
    {
      ...killed,
      name: 'no-nats',
      target: 'nats',
      onPath: false,
      asked: { fromMs: 200, untilMs: 700 },
      took: null,
    },
  ]);
});

test.each([
  ['rpc', ['gateway', 'downstream']],
  ['event', ['nats', 'downstream']],
] as const)('faultResults tell those on the path %s: %j', (path, targets) => {
  const met = faultResults(path, faults, observed(...faults)).filter(({ onPath }) => onPath);
  expect(met.map(({ target }) => target)).toEqual(targets);
});

test.each([
  ['rpc', ['load->gateway', 'gateway->downstream']],
  ['event', ['load->publisher', 'publisher->nats', 'consumer->nats', 'consumer->downstream']],
] as const)('faultResults tell the hops on the path %s: %j', (path, targets) => {
  const down = hops.map(
    (target): Fault => ({ name: 'a', atMs: 0, forMs: 1, target, fault: { kind: 'down' } }),
  );
  const met = faultResults(path, down, observed()).filter(({ onPath }) => onPath);
  expect(met.map(({ target }) => target)).toEqual(targets);
});

test('faultResults say for which class of requests a fault was, but in a control, where it was for none', () => {
  const slow = of('slow', { kind: 'hang', ratio: 1, class: 'slow' });
  expect(faultResults('rpc', [slow], observed())).toMatchObject([{ state: 'not answering (class slow)' }]);
  const { injected, ...others } = observed(slow);
  const control = { injected: injected.map((one) => ({ ...one, state: leftAlone })), ...others };
  expect(faultResults('rpc', [slow], control)).toMatchObject([{ state: leftAlone }]);
});

test('faultResults know of a replica that its service is passed', () => {
  const results = (path: 'rpc' | 'event') => faultResults(path, [fault('consumer-2', 100)], observed());
  expect([results('rpc')[0], results('event')[0]]).toMatchObject([
    { target: 'consumer-2', onPath: false },
    { target: 'consumer-2', onPath: true },
  ]);
});

test('faultResults count the attempts that an active fault of attempts affected', () => {
  const slow = of('slow', { kind: 'latency', added: { kind: 'fixed', ms: 5 }, ratio: 1 });
  const all = [
    slow,
    of('none', { kind: 'hang', ratio: 1 }),
    of('short', { kind: 'brownout', capacityFactor: 0.5 }),
  ];
  const affected = (faults: typeof all, given: ReturnType<typeof observed>) =>
    faultResults('rpc', faults, given).map(({ affected }) => affected);
  expect(affected(all, observed(...all))).toEqual([12, 0, null]);
  expect(affected([slow], observed())).toEqual([null]);
  const { injected, ...others } = observed(slow);
  const control = { injected: injected.map((one) => ({ ...one, state: leftAlone })), ...others };
  expect(affected([slow], control)).toEqual([null]);
});
