import { expect, test } from 'vitest';
import { type Fields, ideal } from './ideal.ts';

// Each test compares a law of the course with an ideal simulation. The bounds follow from what the law leaves out.

/** Bound for counts that depend on chance: four standard deviations of a Poisson count. */
const byChance = (count: number) => 4 * Math.sqrt(count);
const expectNear = (value: number, law: number, within: number) => {
  expect(value).toBeGreaterThanOrEqual(law - within);
  expect(value).toBeLessThanOrEqual(law + within);
};

test('02, retries: N requests whose attempts fail with probability p make N·p ÷ (1 − p) retries', async () => {
  const { offered, retries, goodput } = await ideal('02', 'rpc', ({ load }) => {
    load[0].arrivals.forMs = 2500;
  });
  const law = (offered * 0.05) / 0.95;
  expectNear(retries, law, byChance(law));
  expect(goodput).toBe(1); // all four attempts fail with p⁴ = 0.000006
});

test.each([
  ['one-try', 1],
  ['three-tries', 3],
  ['two-layers', 9],
])('03, %s: up to n = %i attempts make (1 − pⁿ) ÷ (1 − p) on average', async (variant, n) => {
  const { offered, amplification, goodput } = await ideal('03', variant, (fields) => {
    fields.load[0].arrivals.forMs = 2000;
    fields.faults = [{ ...fields.faults[1], atMs: 0, forMs: 4000 }];
  });
  const p = 0.5;
  // An amount of attempts has a variance below 1 ÷ p² per request.
  expectNear(amplification, (1 - p ** n) / (1 - p), 4 / p / Math.sqrt(offered));
  expectNear(goodput, 1 - p ** n, 4 * Math.sqrt((p ** n * (1 - p ** n)) / offered));
});

test('03, budget: retries are at most a tenth of the requests', async () => {
  const { offered, retries } = await ideal('03', 'budget', (fields) => {
    fields.load[0].arrivals.forMs = 2000;
    fields.faults = [{ ...fields.faults[2], atMs: 0, forMs: 4000 }];
  });
  expectNear(retries, 0.1 * offered, 1);
});

test('04, unbounded: more than x_T requests a second make every attempt time out', async () => {
  const variant = await ideal('04', 'unbounded', shortBrownout);
  // The first calls of the brownout meet fewer than 20 in flight, with which an attempt takes 250 ms.
  expect(variant.in('during brownout').ok).toBeLessThanOrEqual(2 * 20);
});

test('04, bulkhead: N calls at a time complete N ÷ (b + a·N) a second, and the rest is refused', async () => {
  const variant = await ideal('04', 'bulkhead', shortBrownout);
  const { offered, rejected } = variant.in('during brownout');
  const law = offered - (14 / 0.19) * 4;
  expectNear(rejected, law, 28 + 14); // bulkhead and queue fill up first, and hold calls at the end
});

test('04, queue: the backlog of a brownout drains with the spare capacity', async () => {
  const change = (fields: Fields) => {
    shortBrownout(fields);
    fields.load[0].arrivals = { kind: 'constant', ratePerSecond: 120, forMs: 12_000 };
  };
  const variant = await ideal('04', 'queue', change, true);
  const backlog = (120 - 14 / 0.19) * 4;
  const law = (backlog / (14 / 0.078 - 120)) * 1000;
  // The backlog is seen every 100 ms, and the first events that end after the brownout still took longer.
  expectNear(variant.in('after brownout').timeToDrain, law, 400);
});

/** Shortens the brownout to 4 s. */
function shortBrownout(fields: Fields) {
  fields.load[0].arrivals.forMs = 8000;
  fields.faults[0].forMs = 4000;
}

test('05, bulkhead: 40 calls at a time complete 40 ÷ 210 ms in the spike', async () => {
  const variant = await ideal('05', 'bulkhead', ({ load }) => load.splice(2));
  const { offered, rejected } = variant.in('phase spike');
  expectNear(rejected, offered - (40 / 0.21) * 3, 2 * 40); // the bulkhead is not full at first
});

test.each([
  ['05', 'three-tries', 1, 1.35, 8, true],
  ['05', 'one-try', 1, 0.45, 8, false],
  ['17', 'below', 1, 0.85, 30, false],
  ['17', 'below', 1.15, 0.98, 15, null], // still recovering when the load ends
  ['17', 'above', 1, 1.32, 45, true],
])('%s, %s, load × %d: n·λ is %d x_T, so that after %d s metastable is %o', async (...row) => {
  const [name, variant, factor, ratio, watchedS, metastable] = row;
  let law = 0;
  const change = (fields: Fields) => {
    const { load, downstream, variants } = fields;
    const { overloadLatencyMs, baseLatencyMs } = downstream.model;
    const bMs = baseLatencyMs - overloadLatencyMs;
    // A third of the requests, each of which costs the others three times as much, is the same share of x_T.
    const aMs = 3 * overloadLatencyMs;
    Object.assign(downstream.model, { overloadLatencyMs: aMs, baseLatencyMs: bMs + aMs });
    for (const { arrivals } of load) arrivals.ratePerSecond *= factor / 3;
    const tries = variant === 'one-try' ? 1 : 3;
    const timeoutMs = variants[variant].policies.at(-1).timeout.ms;
    law = (tries * load[0].arrivals.ratePerSecond * (aMs / 1000)) / (1 - bMs / timeoutMs);
    fields.hypothesis = [`metastable(${variant}, after phase spike) == 1`];
    load[2].arrivals.forMs = watchedS * 1000;
  };
  const result = await ideal(name, variant, change, true);
  expect(law).toBeCloseTo(ratio, 2);
  const found = result.in('after phase spike');
  expect(found.metastable ?? null).toBe(metastable === null ? null : Number(metastable));
  expect(found.timeLeft !== undefined).toBe(metastable === null);
});

test('06, fixed: forty breakers try again at the same moments, every 3.1 s', async () => {
  const { failed, rejected } = await ideal('06', 'fixed', shortOutage);
  expectNear(failed, 40 * 3, 12); // in 7 s; and calls that were under way when their breaker opened
  expectNear(rejected, 40 * 3 * 3 * 10, byChance(3600) + 3 * 40);
});

test('06, jittered: renewal theory counts the failures of breakers with a random open time', async () => {
  const { failed } = await ideal('06', 'jittered', shortOutage);
  // Intervals have a mean of 3.1 s and a variance of 0.75 s². Each client fails once before them.
  const renewals = 6.9 / 3.1 + (0.75 / 3.1 ** 2 - 1) / 2;
  expectNear(failed, 40 * (1 + renewals), 15);
});

/** Ends the load when all clients are back. */
function shortOutage(fields: Fields) {
  fields.load[0].arrivals.forMs = 12_000;
}

test('07, shared: of requests that need Σ λᵢ·Lᵢ slots, a share of N ÷ Σ λᵢ·Lᵢ gets one', async () => {
  const variant = await ideal('07', 'shared');
  const { offered, rejected } = variant.in('during slow-tenth');
  const law = 1 - 8 / (90 * 0.05 + 10 * 2.05);
  // The slow requests take a second to fill the slots, and their number varies: 4·√150 of 1,500.
  expectNear(rejected / offered, law, 1 / 15 + 0.033);
});

test('07, per-class: only slow requests are refused, all but those with one of their two slots', async () => {
  const variant = await ideal('07', 'per-class');
  const [slow, quick] = ['class slow', 'class quick'].map((name) => variant.in(name));
  expect(quick!.rejected).toBe(0);
  const during = variant.rejected + variant.late;
  expectNear(slow!.rejected, during * (1 - 2 / 20.5), 4 * Math.sqrt(15));
});

test('13: what nobody waits for is wasted, and refusing what takes too long completes x_T a second', async () => {
  const [unaware, stops, refuses] = await Promise.all(
    ['unaware', 'stops', 'refuses'].map((name) => ideal('13', name)),
  );
  // In steps of L the number in flight grows as c' = λ·(b + a·c), and exceeds 150, where L is T, after about 3.3 s.
  expectNear(unaware!.goodput, 3.3 / 15, 0.05);
  expectNear(unaware!.wasted, unaware!.offered - unaware!.ok, 1);
  expect(stops!.wasted).toBe(0);
  expectNear(refuses!.goodput, (3.3 + 11.7 * (93.75 / 115)) / 15, 0.05);
  expect(refuses!.wasted).toBe(0);
});

test('14: callers that wait send one request each during a standstill', async () => {
  const [open, closed] = await Promise.all(['open-loop', 'closed-loop'].map((name) => ideal('14', name)));
  expectNear(open!.p99, 1400 - 10 / 0.1, 30); // the queue needs some 10 ms a call to empty
  const within = ({ result }: NonNullable<typeof open>) =>
    result.goodputByDeadline.find(({ deadlineMs }) => deadlineMs === 250)!.goodput;
  expectNear(within(open!), 1 - 1.16 / 10, 0.005);
  expect(within(closed!)).toBe(1 - 5 / 1000);
});
