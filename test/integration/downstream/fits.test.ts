import { expect, test } from 'vitest';
import { buildModel, ModelOptions } from '#downstream/models.ts';
import { stream } from '#kit/random.ts';
import { parser } from '#kit/schema/parser.ts';

// Ten dependencies that are no models, measured from outside, beside the models that were fitted to what was measured.

type Draw = () => number;

/** Virtual time of one measurement. */
class Events {
  nowMs = 0;
  readonly #due: { readonly atMs: number; readonly call: () => void }[] = [];

  after(ms: number, call: () => void): void {
    const atMs = this.nowMs + ms;
    const index = this.#due.findLastIndex((each) => each.atMs <= atMs);
    this.#due.splice(index + 1, 0, { atMs, call });
  }

  runUntil(isOver: () => boolean): void {
    while (!isOver()) {
      const { atMs, call } = this.#due.shift()!;
      this.nowMs = atMs;
      call();
    }
  }
}

/** Returns a function that makes a call, and reports its end. */
type Box = (events: Events, draw: Draw) => (end: (ok: boolean) => void) => void;

/** Threads that take calls from a list. A full list refuses. */
const pool =
  (threads: number, timeMs: (draw: Draw) => number, waitingMax = Infinity): Box =>
  (events, draw) => {
    const waiting: (() => void)[] = [];
    let busy = 0;
    const begin = (end: (ok: boolean) => void) => {
      busy += 1;
      events.after(timeMs(draw), () => {
        busy -= 1;
        waiting.shift()?.();
        end(true);
      });
    };
    return (end) => {
      if (busy < threads) begin(end);
      else if (waiting.length < waitingMax) waiting.push(() => begin(end));
      else end(false);
    };
  };

/** Cores that all calls share: each progresses in small steps, more slowly the more there are. */
const shared =
  (cores: number, timeMs: (draw: Draw) => number): Box =>
  (events, draw) => {
    const stepMs = 1;
    let under: { leftMs: number; readonly end: (ok: boolean) => void }[] = [];
    const step = () => {
      const doneMs = stepMs * Math.min(1, cores / under.length);
      for (const each of under) each.leftMs -= doneMs;
      const over = under.filter(({ leftMs }) => leftMs <= 0);
      under = under.filter(({ leftMs }) => leftMs > 0);
      if (under.length > 0) events.after(stepMs, step);
      for (const { end } of over) end(true);
    };
    return (end) => {
      if (under.length === 0) events.after(stepMs, step);
      under.push({ leftMs: timeMs(draw), end });
    };
  };

/** Quota of calls in each whole second. */
const quota =
  (perSecond: number, timeMs: (draw: Draw) => number): Box =>
  (events, draw) => {
    let [second, used] = [0, 0];
    return (end) => {
      const now = Math.floor(events.nowMs / 1000);
      if (now > second) [second, used] = [now, 0];
      used += 1;
      if (used > perSecond) end(false);
      else events.after(timeMs(draw), () => end(true));
    };
  };

const modelled =
  (fields: object): Box =>
  (events, draw) => {
    const model = buildModel(parser(ModelOptions)(fields), { now: () => events.nowMs });
    let inFlight = 0;
    return (end) => {
      inFlight += 1;
      const { latencyMs, failed } = model(inFlight, draw);
      events.after(latencyMs, () => {
        inFlight -= 1;
        end(!failed);
      });
    };
  };

/** Calls again and again with so many clients, until enough calls have succeeded. */
function load(box: Box, clients: number, successes: number, purpose: string) {
  const events = new Events();
  const random = stream(1, purpose);
  const call = box(events, () => random());
  const latenciesMs: number[] = [];
  const client = () => {
    const beganMs = events.nowMs;
    call((ok) => {
      if (ok) latenciesMs.push(events.nowMs - beganMs);
      events.after(ok ? 0 : 40, client);
    });
  };
  for (let i = 0; i < clients; i++) client();
  events.runUntil(() => latenciesMs.length >= successes);
  return { latenciesMs: latenciesMs.sort((a, b) => a - b), perSecond: (successes * 1000) / events.nowMs };
}

const calls = 20_000;
const measured = (box: Box, saturating: number, purpose: string) => {
  const { latenciesMs } = load(box, 1, calls, purpose);
  const at = (share: number) => latenciesMs[Math.floor(share * calls)]!;
  return {
    p50: at(0.5),
    p99: at(0.99),
    perSecond: load(box, saturating, calls / 2, purpose).perSecond,
    latenciesMs,
  };
};
type Measured = ReturnType<typeof measured>;

const lognormalOf = ({ p50, p99 }: Measured) => ({ kind: 'lognormal', p50Ms: p50, p99Ms: p99 });
/** Histogram with a bucket for each ms. */
const histogramOf = ({ latenciesMs }: Measured) => {
  const counts = new Array<number>(Math.ceil(latenciesMs.at(-1)!)).fill(0);
  for (const ms of latenciesMs) counts[Math.ceil(ms) - 1]! += 1;
  return { kind: 'histogram', buckets: counts.map((count, index) => ({ toMs: index + 1, count })) };
};

const normal = (draw: Draw) => Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw());
const exponential = (draw: Draw) => -Math.log(1 - draw());
const times = {
  lognormal: (draw: Draw) => 40 * Math.exp(0.69 * normal(draw)),
  exponential: (draw: Draw) => 30 * exponential(draw),
  gamma: (draw: Draw) => 12 * (exponential(draw) + exponential(draw) + exponential(draw)),
  weibull: (draw: Draw) => 25 * exponential(draw) ** (1 / 1.5),
  pareto: (draw: Draw) => 20 * (1 - draw()) ** (-1 / 2.5),
  uniform: (draw: Draw) => 10 + 20 * draw(),
  cache: (draw: Draw) => (draw() < 0.8 ? 4 + 2 * draw() : 60 + 80 * draw()),
};

const queue =
  (servers: number, more: object = {}) =>
  (of: Measured) => ({
    ...{ kind: 'queue', servers, times: lognormalOf(of) },
    ...more,
  });
const slowing = (cores: number) => (of: Measured) => ({
  ...{ kind: 'congestion', capacityRps: 10 * cores, failureRatio: 0, overloadFailureRatio: 0 },
  ...{ times: lognormalOf(of), overloadLatencyMs: of.latenciesMs.reduce((sum, ms) => sum + ms, 0) / calls },
});
const limited = (of: Measured) => ({
  ...{ kind: 'rate-limit', ratePerSecond: 200, burst: 200, times: lognormalOf(of) },
});

const dependencies: [string, Box, number, (of: Measured) => object][] = [
  ['a pool, lognormal', pool(20, times.lognormal), 60, queue(20)],
  ['a pool, exponential', pool(8, times.exponential), 30, queue(8)],
  ['a pool, gamma', pool(12, times.gamma), 40, queue(12)],
  ['a pool, Pareto', pool(30, times.pareto), 90, queue(30)],
  ['a pool, uniform', pool(5, times.uniform), 20, queue(5)],
  ['a pool that refuses, Weibull', pool(10, times.weibull, 0), 40, queue(10, { waitingMax: 0 })],
  ['shared cores, exponential', shared(10, times.exponential), 30, slowing(10)],
  ['shared cores, lognormal', shared(16, times.lognormal), 50, slowing(16)],
  ['a quota, gamma', quota(200, times.gamma), 40, limited],
  [
    'a cache before a pool',
    pool(6, times.cache),
    20,
    (of) => ({ kind: 'queue', servers: 6, times: histogramOf(of) }),
  ],
];

test.each(dependencies)(
  '%s: the fitted model has its p50, p99 and highest throughput',
  (_, box, clients, fitted) => {
    const of = measured(box, clients, 'box');
    const by = measured(modelled(fitted(of)), clients, 'model');
    const errors = (['p50', 'p99', 'perSecond'] as const).map((figure) => by[figure] / of[figure] - 1);
    for (const error of errors) expect(Math.abs(error)).toBeLessThan(0.05);
  },
);
