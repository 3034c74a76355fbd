import { measuresOf } from '#lab/experiment/measures.ts';
import { type Experiment, seedsOf } from '#lab/experiment/schema.ts';
import { judge } from '#lab/judge/hypotheses/hypothesis.ts';
import { isDecisive, stallCheck } from '#lab/judge/result/facts.ts';
import type { Result, StallResult, VariantResult } from '#lab/judge/result/result.ts';
import { comparedIn } from '#lab/judge/simulations.ts';
import { stallMsOf } from '#lab/judge/validity/limits.ts';
import type { Simulated } from './predict.ts';

const seedCount = 20;

/**
 * Returns those hypotheses that stalls opened, but don't decide: with all stalls of a round simulated, each twice as
 * long, the verdict stays the measured one with each of 20 seeds. Leaves out hypotheses about a variant that differs from its
 * simulation, or that had a stall of that length which can't be simulated. `result` has the simulated figures, and no check of stalls.
 */
export async function acquit(
  experiment: Experiment,
  rounds: readonly Pick<Result, 'variants' | 'figures'>[],
  validity: Result['validity'],
  result: Result,
  simulated: Simulated,
): Promise<string[]> {
  const isShort = (of: string, { fromMs, untilMs }: StallResult) =>
    untilMs - fromMs < stallMsOf(experiment, of);
  const isRepeatable = (of: string) =>
    rounds
      .flatMap(({ variants }) => variants)
      .filter(({ name }) => name === of)
      .flatMap(({ stalls }) => stalls.filter(isDecisive))
      .every((stall) => hasCounterpart(stall) || isShort(of, stall));
  const agreeing = (result.simulations?.variants ?? []).filter(({ name }) => {
    const verdicts = comparedIn(result, name).map(({ verdict }) => verdict);
    const isJudged = verdicts.some((verdict) => verdict !== 'unjudged');
    return isJudged && !verdicts.includes('differs') && isRepeatable(name);
  });
  const overheads = new Map(agreeing.map(({ name, overhead }) => [name, overhead]));
  const variantsOf = (text: string) => measuresOf(text).map(({ variant }) => variant);
  const open = validity.flatMap((check) => (check.name === stallCheck && check.hypotheses) || []);
  const left = new Set(open.filter((text) => variantsOf(text).every((name) => overheads.has(name))));
  const names = new Set([...left].flatMap(variantsOf));
  const disturbed = rounds.filter(({ variants }) => variants.some(({ stalls }) => stalls.length > 0));
  for (const own of seedsOf({ seed: experiment.seed, repeat: seedCount })) {
    if (left.size === 0) break;
    const simulate = async (variants: readonly VariantResult[]) => {
      const stallsOf = (name: string) => doubled(variants.find((variant) => variant.name === name));
      const each = Array.from(names, (name) => simulated(name, own, overheads.get(name)!, stallsOf(name)));
      return (await Promise.all(each)).flatMap((figures) => figures ?? []);
    };
    const [calm, ...stalled] = await Promise.all(
      [[], ...disturbed.map(({ variants }) => variants)].map(simulate),
    );
    for (const text of left) {
      const { ok } = judge(text, calm!);
      const others = [...stalled, ...disturbed.map(({ figures }) => figures)];
      if (ok === null || others.some((figures) => judge(text, figures).ok !== ok)) left.delete(text);
    }
  }
  return [...left];
}

/** True if simulations can repeat a stall. */
const hasCounterpart = ({ cause, process }: StallResult): boolean =>
  cause === 'stopped' && !['generator', 'netproxy'].includes(process);

/** Returns the stalls of a variant that simulations can repeat, each twice as long. */
const doubled = ({ stalls = [] }: Partial<VariantResult> = {}): StallResult[] =>
  stalls.filter(hasCounterpart).map((stall) => ({ ...stall, untilMs: 2 * stall.untilMs - stall.fromMs }));
