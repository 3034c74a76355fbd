import { systemClock } from '#kit/clock.ts';
import { conductAlone } from '#lab/conduct/alone.ts';
import { figureStore } from '#lab/evidence/figure-store.ts';
import { withChanges } from '#lab/experiment/field.ts';
import { type ExperimentFile, readSource, textOf } from '#lab/experiment/read.ts';
import { advise, healthOf } from '#lab/explore/advice/advise.ts';
import { adviceText } from '#lab/show/conclusion/advice.ts';
import { simulated } from '#lab/world/simulated/world.ts';
import { type Bench, figure } from './figure.ts';

/** Experiment of the course, one of its variants, and a field of the variant with a bad value. */
type Planted = readonly [course: string, variant: string, field: string, bad: unknown];

const short = { kind: 'constant', delayMs: 5 };
const retried = (ms: number) => [{ retry: { maxRetries: 2, backoff: short } }, { timeout: { ms } }];

const planted: readonly Planted[] = [
  ['00', 'limit-16', 'policies/1/bulkhead/concurrency', 400],
  ['00', 'limit-16', 'policies/2/timeout/ms', 9],
  ['00', 'queue-16', 'consumer/concurrency', 1],
  ['04', 'bulkhead', 'policies/0/bulkhead/concurrency', 2],
  ['04', 'bulkhead', 'policies/1/timeout/ms', 40],
  ['04', 'queue', 'consumer/concurrency', 2],
  ['05', 'one-try', 'policies', retried(250)],
  ['05', 'one-try', 'policies/0/timeout/ms', 50],
  ['05', 'budget', 'policies/0/retry/budget/ratio', 3],
  ['05', 'budget', 'policies/0/retry/budget/minPerSecond', 300],
  ['05', 'breaker', 'policies/1/breaker/openMs', 30_000],
  ['05', 'breaker', 'policies/1/breaker/window/size', 5000],
  ['05', 'bulkhead', 'policies/1/bulkhead/concurrency', 400],
  ['05', 'bulkhead', 'policies/1/bulkhead/concurrency', 1],
  ['06', 'jittered', 'policies/0/breaker/openMs', 60_000],
  ['11', 'roomy', 'consumer/concurrency', 10],
  ['13', 'stops', 'downstream/deadlines', 'ignore'],
  ['17', 'below', 'policies/1/timeout/ms', 220],
  ['17', 'below', 'policies/0/retry/maxRetries', 10],
  ['17', 'one-try', 'policies', retried(220)],
];

/** Seeds that no search has used: it uses those from 1 or 11 to 16. */
const seeds = [101, 102, 103, 104, 105];

const { signal } = new AbortController();

/** Returns an experiment with one variant and other values. */
function changed(
  file: ExperimentFile,
  variant: string,
  values: ReadonlyMap<string, unknown>,
): ExperimentFile {
  const { value } = readSource(file);
  const source = JSON.stringify(withChanges(value, values));
  return readSource({ ...file, source }, { only: [variant] }).file;
}

async function healthWith({ experiment }: ExperimentFile, variant: string, seed: number) {
  const alone = { ...experiment, seed, hypothesis: [], steadyState: [] };
  const { figures } = await conductAlone(alone, figureStore(), {
    world: simulated(),
    signal,
    samples: false,
  });
  return healthOf(alone, variant, figures);
}

/** Advises on planted configurations, and simulates what was advised with fresh seeds. */
export const bench: Bench = async (say, { amount = planted.length }) => {
  const some = planted.slice(0, amount);
  const took: number[] = [];
  let saved = 0;
  for (const [course, variant, field, bad] of some) {
    const whole = { ...textOf(course), experiment: readSource(textOf(course)).file.experiment };
    const file = changed(whole, variant, new Map([[`/variants/${variant}/${field}`, bad]]));
    const what = `${course} ${variant}, ${field} ${JSON.stringify(bad)}`;
    const { experiment } = file;
    if (!(await healthWith(file, variant, experiment.seed)).isSick)
      throw new Error(`${what}: expected a collapse`);
    const startedAtMs = systemClock.now();
    const [advice] = await advise(file, [variant], signal, () => undefined);
    took.push((systemClock.now() - startedAtMs) / 1000);
    if (!advice) throw new Error(`${what}: expected advice`);
    const after = changed(file, variant, advice.values);
    const healths = await Promise.all(seeds.map((seed) => healthWith(after, variant, seed)));
    const well = healths.filter(({ isWell }) => isWell).length;
    if (advice.change !== undefined && well === seeds.length) saved += 1;
    say(`${what}: ${adviceText(advice)} Well with ${well} of ${seeds.length} other seeds.`);
  }
  return [
    figure('planted configurations saved', saved, '', { atLeast: some.length }),
    figure('longest search', Math.max(...took), 's'),
  ];
};
