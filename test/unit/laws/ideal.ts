import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { conductAlone } from '#lab/conduct/alone.ts';
import { figureStore } from '#lab/evidence/figure-store.ts';
import { fileOf } from '#lab/experiment/course.ts';
import { onlyVariants } from '#lab/experiment/only.ts';
import { parseExperiment } from '#lab/experiment/read.ts';
import type { VariantResult } from '#lab/judge/result/result.ts';
import { simulated } from '#lab/world/simulated/world.ts';
import { type Values, valuesOf } from '#test/support/figures.ts';

/** Fields of an experiment's file. */
// biome-ignore lint/suspicious/noExplicitAny: the schema checks it
export type Fields = Record<string, any>;

/**
 * Simulates a variant of an experiment of the course without overhead. `change` edits the fields of its file before.
 * Only with `samples` does the result have what is read from the processes' metrics, such as the backlog.
 */
export async function ideal(
  name: string,
  variant: string,
  change: (fields: Fields) => void = () => undefined,
  samples = false,
): Promise<Ideal> {
  const fields: Fields = { ...parse(readFileSync(fileOf(name), 'utf8')), hypothesis: [], steadyState: [] };
  change(fields);
  const { experiment } = onlyVariants(parseExperiment(JSON.stringify(fields), fileOf(name)), [variant]);
  const { signal } = new AbortController();
  const options = { world: simulated(), signal, samples };
  const { figures, variant: result } = await conductAlone(experiment, figureStore(), options);
  const of = (window?: string) => valuesOf({ figures }, variant, window);
  return { ...of(), result, in: of };
}

/** Values of a simulated variant. */
interface Ideal extends Values {
  readonly result: VariantResult;
  /** Returns the values of a window by its name, such as `during outage`. */
  readonly in: (window: string) => Values;
}
