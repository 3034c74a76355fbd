import { expect, test } from 'vitest';
import { explain } from '#lab/experiment/limits/explain.ts';
import { parseExperiment } from '#lab/experiment/read.ts';
import { type Fields, ideal } from './ideal.ts';

/** Fields of an experiment with one variant. */
const fields = (policies: object[], model: object, arrivals: object, more: object = {}): Fields => ({
  title: 'x',
  deadlineMs: 1000,
  drainMs: 60_000,
  load: [{ name: 'all', arrivals }],
  downstream: { model },
  variants: { it: { path: 'rpc', policies, ...more } },
});

const factOf = (file: Fields, about: string) =>
  explain(parseExperiment(JSON.stringify(file), 'x.yaml'))
    .at(0)!
    .facts.find((fact) => fact.about === about)?.value;

/** Simulates an experiment. */
const simulated = (file: Fields) => ideal('02', 'it', (other) => replace(other, file));

function replace(other: Fields, file: Fields) {
  for (const name of Object.keys(other)) delete other[name];
  Object.assign(other, file, { hypothesis: [], steadyState: [] });
}

const constant = { kind: 'constant', delayMs: 5 };
const retry = (maxRetries: number, budget?: object) => ({
  retry: { maxRetries, backoff: constant, ...(budget && { budget }) },
});
const steady = (ratePerSecond: number, forMs = 4000) => ({ kind: 'poisson', ratePerSecond, forMs });

test('attempts and longest wait: what always fails makes all attempts, and lasts the longest time', async () => {
  const file = fields(
    [retry(2), { timeout: { ms: 200 } }, retry(1), { timeout: { ms: 40 } }],
    { kind: 'fixed', latencyMs: 500 },
    steady(50),
  );
  const { amplification, ok } = await simulated(file);
  expect(amplification).toBe(factOf(file, 'attempts'));
  expect([ok, amplification]).toEqual([0, 6]);
  expect(factOf(file, 'longest wait')).toBe(3 * (40 + 5 + 40) + 2 * 5);
});

test('timeout: it cuts the stated share of healthy calls', async () => {
  const model = { kind: 'queue', servers: 500, serviceMs: 50 };
  const file = fields([{ timeout: { ms: 150 } }], model, steady(500));
  const { ok, offered } = await simulated(file);
  const cut = factOf(file, 'timeout')!;
  expect(cut).toBeCloseTo(Math.exp(-3), 3);
  expect(Math.abs(offered - ok - cut * offered)).toBeLessThan(4 * Math.sqrt(cut * offered));
});

test('capacity and bulkhead: neither is exceeded, and an overload comes close', async () => {
  const model = { kind: 'congestion', capacityRps: 100, baseLatencyMs: 40, jitterMs: 0, failureRatio: 0 };
  const file = fields([{ bulkhead: { concurrency: 10 } }], model, steady(1000));
  const { ok } = await simulated(file);
  for (const about of ['capacity', 'bulkhead']) {
    const most = factOf(file, about)!;
    expect(ok / 4).toBeLessThanOrEqual(most + 10 / 4);
    expect(ok / 4).toBeGreaterThan(0.97 * most);
  }
});

test.each([
  ['finagle', { kind: 'finagle', ratio: 0.2, minPerSecond: 5 }],
  ['grpc', { kind: 'grpc', maxTokens: 20 }],
  ['aws', { kind: 'aws', capacity: 200 }],
])('budget, %s: a dependency that always times out gets no more retries', async (kind, budget) => {
  const file = fields(
    [retry(3, budget), { timeout: { ms: 20 } }],
    { kind: 'fixed', latencyMs: 500 },
    steady(200),
  );
  const { retries } = await simulated(file);
  const most = factOf(file, 'budget')! * (kind === 'finagle' ? 4 : 1);
  // Finagle's budget holds ten seconds' worth of its floor from the start.
  expect(retries).toBeLessThanOrEqual(most + (kind === 'finagle' ? 50 : 20));
  expect(retries).toBeGreaterThan(0.5 * most);
});

test('an event multiplies deliveries and attempts', async () => {
  const file = fields([retry(2)], { kind: 'fixed', failureRatio: 1 }, steady(20, 2000), {
    path: 'event',
    consumer: { redelivery: { maxRetries: 1, backoff: constant } },
  });
  const { amplification } = await simulated(file);
  expect([amplification, factOf(file, 'attempts')]).toEqual([6, 6]);
});

const linesOf = (file: Fields) =>
  explain(parseExperiment(JSON.stringify(file), 'x.yaml'))[0]!.facts.map(({ text }) => text);

test('a policy for one class limits no other, and its line names the class', () => {
  const file = fields(
    [{ timeout: { ms: 50, class: 'quick' } }, { bulkhead: { concurrency: 2, class: 'quick' } }],
    { kind: 'fixed', latencyMs: 10 },
    steady(10),
  );
  const lines = linesOf({ ...file, classes: { quick: 0.5, slow: 0.5 } });
  expect(lines).toContainEqual(expect.stringMatching(/^No policy limits how long/));
  expect(lines).toContainEqual(expect.stringMatching(/^For class quick: With 2 in use/));
  expect(lines.filter((line) => line.includes('50'))).toEqual([]);
});

test('changes of a variant end what the lines say', () => {
  const changes = [{ atMs: 2000, policies: [] }];
  const file = fields([{ timeout: { ms: 50 } }], { kind: 'fixed', latencyMs: 10 }, steady(10), { changes });
  expect(linesOf(file).at(-1)).toMatch(/^Options change after 2\ss: the lines hold until then/);
});
