import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type Clock, systemClock } from '#kit/clock.ts';
import type { Plan } from '#lab/conduct/plan.ts';
import { conductOnce } from '#lab/conduct/run.ts';
import { parseExperiment } from '#lab/experiment/read.ts';
import type { Result, VariantResult } from '#lab/judge/result/result.ts';
import type { GeneratorPlace, LoadGenerator } from '#lab/world/generator.ts';
import { onSockets } from '#lab/world/sockets.ts';
import type { Engine } from '#lab/world/testbed.ts';
import { type Measured, measuredIn } from './figures.ts';
import { testFolder } from './folder.ts';

interface Options {
  readonly folder?: string;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
  readonly onProgress?: Plan['onProgress'];
  readonly openGenerator?: (place: GeneratorPlace) => LoadGenerator;
}

/** Runs an experiment, given as text, on a testbed from `start`. */
export function runText(
  text: string,
  startTestbed: Engine['start'],
  {
    folder = testFolder(),
    clock = systemClock,
    signal = new AbortController().signal,
    onProgress = () => undefined,
    openGenerator,
  }: Options = {},
): Promise<Result> {
  return conductOnce({
    file: { experiment: parseExperiment(text, 'x.yaml'), name: 'x', file: 'x.yaml', source: text },
    world: onSockets(
      { name: 'local', faults: () => [], foreign: [], start: startTestbed },
      { clock, openGenerator },
    ),
    ...{ folder, onProgress, signal },
    commandOf: () => 'test',
  });
}

/** Returns all variants of a run without errors, after checking that each accounts for `offered` requests. */
export function accountedEach(result: Result, offered: number): Measured[] {
  expect(result.errors).toEqual([]); // there may be no variant
  return result.variants.map((each) => accounted({ ...result, variants: [each] }, offered));
}

/** Returns the only variant of a valid run without errors, after checking that it accounts for `offered` requests. */
export function accounted({ errors, validity, variants, figures }: Result, offered: number): Measured {
  expect(errors).toEqual([]);
  const [variant] = variants;
  // First the checks whose failure says most.
  expect(variant?.ledger.checks.filter(({ ok }) => !ok)).toEqual([]);
  expect(validity.filter(({ ok }) => !ok)).toEqual([]);
  const [measured] = measuredIn({ figures, variants });
  expect(measured?.offered).toBe(offered);
  return measured!;
}

/**
 * Returns the only variant of a run on a broker of several servers, like `accounted`. nats-server before 2.11 may never
 * deliver an event again that it delivered without a majority (nats-server#6566). The ledger then finds it stuck in the
 * stream. So a few such events may be without an outcome.
 */
export function accountedOnCluster(result: Result, offered: number): Measured {
  const [variant] = measuredIn(result);
  const stuck = variant?.ledger.checks.find(
    ({ name, ok }) => name === 'no event is stuck in the stream' && !ok,
  );
  if (!variant || !stuck) return accounted(result, offered);
  const skipped = stuck.witnesses['acknowledged, but left in the stream'];
  expect(skipped).toBeLessThan(0.01 * offered);
  expect(variant.pending).toBeLessThanOrEqual(skipped!);
  const checks = variant.ledger.checks.filter((each) => each !== stuck);
  const validity = result.validity.filter(({ name }) => name !== 'ledger differences');
  return accounted(
    { ...result, validity, variants: [{ ...variant, ledger: { ...variant.ledger, checks } }] },
    offered,
  );
}

/** Returns the names of the processes that ended during a variant and were restarted. */
export const restartedIn = ({ self }: Pick<VariantResult, 'self'>): string[] =>
  self.processes.filter(({ restarted }) => restarted).map(({ name }) => name);

/** Reads the record of a variant's requests from a run's folder, in the order of their indices. */
export function recordIn(folder: string, variant: string) {
  const text = readFileSync(join(folder, 'variants', variant, 'requests.csv'), 'utf8');
  const rows = text
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));
  return rows
    .map(([index, scheduledAtMs, , , outcome]) => ({ index: Number(index), scheduledAtMs, outcome }))
    .sort((a, b) => a.index - b.index);
}
