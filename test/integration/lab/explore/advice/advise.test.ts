import { expect, test } from 'vitest';
import { conductAlone } from '#lab/conduct/alone.ts';
import type { Plan } from '#lab/conduct/plan.ts';
import { conductOnce } from '#lab/conduct/run.ts';
import { figureStore } from '#lab/evidence/figure-store.ts';
import { withChanges } from '#lab/experiment/field.ts';
import { readSource } from '#lab/experiment/read.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import { adviseOn, withAdvice } from '#lab/explore/advice/advise.ts';
import { pairsOf, type Remedy, remediesFor } from '#lab/explore/advice/remedies.ts';
import { simulated } from '#lab/world/simulated/world.ts';
import { testFolder } from '#test/support/folder.ts';

const { signal } = new AbortController();
const simulate = async (experiment: Experiment) =>
  (await conductAlone(experiment, figureStore(), { world: simulated(), signal, samples: false })).figures;

const fileOf = (policies: object[], model: object, load: object[], more: object = {}) => {
  const fields = {
    title: 'x',
    deadlineMs: 1000,
    load,
    downstream: { model },
    variants: { it: { path: 'rpc', policies, ...more } },
    recovery: { overMs: 1000, heldMs: 1000 },
  };
  return readSource({ name: 'x', file: 'x.yaml', source: JSON.stringify(fields) }).file;
};

const phase = (name: string, ratePerSecond: number, forMs: number) => ({
  name,
  arrivals: { kind: 'poisson', ratePerSecond, forMs },
});
const spike = [phase('before', 90, 500), phase('spike', 270, 1500), phase('after', 90, 4000)];
const congestion = {
  ...{ kind: 'congestion', capacityRps: 10, baseLatencyMs: 54, jitterMs: 0 },
  ...{ failureRatio: 0, overloadLatencyMs: 4, overloadFailureRatio: 0 },
};
const retries = { retry: { maxRetries: 2, backoff: { kind: 'constant', delayMs: 5 } } };

test('adviseOn a metastable variant finds the smallest change, which helps with fresh seeds', async () => {
  const advice = await adviseOn(
    fileOf([retries, { timeout: { ms: 250 } }], congestion, spike),
    'it',
    simulate,
  );
  expect(advice).toMatchObject({
    variant: 'it',
    change: expect.any(String),
    window: 'phase after',
    seeds: 5,
  });
  expect(advice!.before).toBeLessThan(0.3);
  expect(advice!.after).toBeGreaterThan(0.7);
});

test('withAdvice names a sick variant if the time for its search is over', async () => {
  const folder = testFolder();
  const file = fileOf([retries, { timeout: { ms: 250 } }], congestion, spike);
  const plan = {
    ...{ file, folder, world: simulated(), figuresOnly: true, signal },
    commandOf: () => '',
    onProgress: () => {},
  };
  const { advice } = await withAdvice(
    plan as unknown as Plan,
    { ...plan, result: await conductOnce(plan), rounds: [] },
    0,
  );
  expect(advice).toEqual([{ variant: 'it', tried: expect.any(Number), isCutOff: true }]);
});

test('adviseOn a variant with code of the user says nothing, since its policies do not count', async () => {
  const file = fileOf([retries, { timeout: { ms: 250 } }], congestion, spike);
  const value = JSON.parse(file.source);
  value.variants.it = { path: 'rpc', client: './right.ts' };
  const text = { file: 'test/fixtures/clients/x.yaml', source: JSON.stringify(value) };
  const unasked = () => Promise.reject(new Error('simulated'));
  expect(await adviseOn({ ...file, ...text }, 'it', unasked)).toBeUndefined();
});

test('adviseOn a variant that does well finds nothing', async () => {
  expect(
    await adviseOn(fileOf([{ timeout: { ms: 250 } }], congestion, spike), 'it', simulate),
  ).toBeUndefined();
});

test('adviseOn a variant whose dependency always fails says that nothing helps', async () => {
  const failing = { kind: 'queue', servers: 1, serviceMs: 5000, service: 'constant' };
  const file = fileOf([{ timeout: { ms: 6000 } }], failing, [phase('all', 5, 2000)]);
  const advice = await adviseOn(file, 'it', simulate);
  expect(advice).toMatchObject({ before: 0 });
  expect(advice).not.toHaveProperty('change');
});

test('adviseOn takes the lowest round number that does as well as a higher one, which holds until then', async () => {
  const queue = { kind: 'queue', servers: 100, serviceMs: 100, service: 'constant' };
  const bulkhead = { bulkhead: { concurrency: 1 } };
  const file = fileOf([bulkhead], queue, [phase('all', 140, 4000)]);
  const found: unknown[] = [];
  const on = { tried() {}, found: ({ change }: { change?: string }) => void found.push(change) };
  const advice = await adviseOn(file, 'it', simulate, 1, on);
  expect(advice).toMatchObject({ change: 'a bulkhead of 20', seeds: 5 });
  expect(found).toEqual(['a bulkhead of 50', 'a bulkhead of 20']);
  expect(advice!.values).toEqual(new Map([['/variants/it/policies/0/bulkhead/concurrency', 20]]));
});

const remediesOf = (policies: object[]) => {
  const { experiment } = fileOf(policies, congestion, spike);
  return remediesFor(experiment, experiment.variants.it!);
};

const withRemedy = (policies: Record<string, object>[], { values }: Remedy) =>
  (withChanges({ policies }, values({ policies })) as { policies: object[] }).policies;

test('remediesFor: a bulkhead stands inside the retries, and outside the timeout, also beside a change of these', () => {
  const policies = [retries, { timeout: { ms: 250 } }];
  const applied = (words: string) => {
    const singles = remediesOf(policies);
    const found = [...singles, ...pairsOf(singles)].find((each) => each.words === words);
    return withRemedy(policies, found!);
  };
  const bulkhead = { bulkhead: { concurrency: 40 } };
  expect(applied('a bulkhead of 40')).toEqual([retries, bulkhead, { timeout: { ms: 250 } }]);
  expect(applied('a timeout of 120\u00a0ms and a bulkhead of 40')).toEqual([
    retries,
    bulkhead,
    { timeout: { ms: 120 } },
  ]);
});

test('remediesFor: the least change of a number comes first, and a longer timeout after a policy more', () => {
  const words = remediesOf([retries, { timeout: { ms: 250 } }]).map((each) => each.words);
  expect(words.slice(0, 4)).toEqual(
    ['one retry', 'a timeout of 120 ms', 'a timeout of 60 ms', 'no retries'].map((text) =>
      text.replace(' ms', '\u00a0ms'),
    ),
  );
  expect(words.slice(-2)).toEqual([expect.stringMatching(/^a breaker/), 'a timeout of 500\u00a0ms']);
});

test('a pair of a new policy and a longer timeout changes the timeout where the file has it', () => {
  const policies = [retries, { timeout: { ms: 250 } }];
  const pair = pairsOf(remediesOf(policies)).find(({ words }) =>
    /bulkhead.* timeout of 500|timeout of 500.*bulkhead/.test(words),
  )!;
  expect(withRemedy(policies, pair)).toEqual([
    retries,
    { bulkhead: expect.anything() },
    { timeout: { ms: 500 } },
  ]);
});

test('pairsOf never changes the same place twice, and has the smallest first', () => {
  const pairs = pairsOf(remediesOf([retries, { timeout: { ms: 250 } }]));
  expect(pairs.filter(({ words }) => /a timeout .* a timeout|a bulkhead .* a bulkhead/.test(words))).toEqual(
    [],
  );
  const sizes = pairs.map(({ size }) => size);
  expect(sizes).toEqual(sizes.toSorted((a, b) => a - b));
});

test.each([
  [{ breaker: { window: { kind: 'count', size: 5 }, failures: 1 } }, 'no breaker'],
  [{ bulkhead: { concurrency: 2 } }, 'a bulkhead of 50'],
  [{ bulkhead: { concurrency: 40, queue: 400 } }, 'no queue before the bulkhead'],
  [{ timeout: { ms: 20 } }, 'a timeout of 80\u00a0ms'],
])('remediesFor %j has %s', (policy, words) => {
  expect(remediesOf([policy, { timeout: { ms: 250 } }]).map((each) => each.words)).toContain(words);
});
