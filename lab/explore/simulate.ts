import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '#lab/errors/input-error.ts';
import { textOf } from '#lab/experiment/read.ts';
import type { PointResult, Probability } from '#lab/result/sweep.ts';
import { sampleOf } from '#lab/runner/sample.ts';
import { estimate, waiting } from './estimates.ts';
import { openSubject } from './subject.ts';

export interface SimulateOptions {
  /** Number of seeds. @default 5 */
  readonly seeds?: number;
  /** First seed. By default that of the file. */
  readonly seed?: number;
  /** Variants to simulate. By default all. */
  readonly only?: readonly string[];
  /** Numbers to change, by path, e.g. `{ 'variants.budget.policies.budget.ratio': 0.2 }`. */
  readonly changes?: Readonly<Record<string, number>>;
  /** Hypotheses to judge besides those of the file. */
  readonly hypotheses?: readonly string[];
}

/** Figures of an experiment over several simulated seeds. */
export interface Simulation {
  /** Figures of each variant: means with their 95 % intervals, and probabilities. */
  readonly variants: Readonly<Record<string, Omit<PointResult['variants'][number], 'name'>>>;
  /** Share of the seeds for which a hypothesis held, by its text; null if it was not judged. */
  readonly hypotheses: Readonly<Record<string, Probability | null>>;
  /** Reasons why the figures of a seed don't count. */
  readonly problems: readonly string[];
}

/**
 * Simulates an experiment with several seeds, in this thread and without a run folder. `file` is a path, or the name of
 * an experiment of the course. Rejects with InputError if the file or an option is invalid.
 */
export async function simulate(
  file: string,
  { seeds = 5, changes = {}, ...options }: SimulateOptions = {},
): Promise<Simulation> {
  if (!Number.isInteger(seeds) || seeds < 1)
    throw new InputError(`seeds: expected a whole number of at least 1, got ${seeds}`);
  const subject = openSubject({ text: textOf(file), ...options });
  const pointers = Object.entries(changes).flatMap(([path, value]) => [
    ...subject.field(path, 'changes').changes(value),
  ]);
  const changed = waiting(subject.with(new Map(pointers)));
  const folder = mkdtempSync(join(tmpdir(), 'spillway-simulate-'));
  try {
    const samples = [];
    const first = changed.experiment.seed;
    for (let seed = first; seed < first + seeds; seed++)
      samples.push(await sampleOf(changed, seed, { folder }));
    const names = Object.keys(changed.experiment.variants);
    const { variants, hypotheses, problems } = estimate([], samples, names);
    return {
      variants: Object.fromEntries(variants.map(({ name, ...figures }) => [name, figures])),
      hypotheses: Object.fromEntries(subject.hypotheses.map((text, i) => [text, hypotheses[i] ?? null])),
      problems,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
