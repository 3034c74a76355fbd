import { measuresOf } from '#lab/experiment/measures.ts';
import { autoFactors } from '#lab/experiment/scaled.ts';
import { stallCheck } from '#lab/judge/result/facts.ts';
import type { Result } from '#lab/judge/result/result.ts';

/** Checks that a slower run passes, and whose limits a file can raise. */
const ofSlowness = ['send lag p99', 'sleep excess p99', 'delay of faults', stallCheck];

/**
 * Returns a sentence with the command that most likely leads to the missing verdicts: a slower run, if possible only of
 * the variants that these name, or else the same run on an idle machine, or another judgement of this one. Empty if the file or something else must change.
 */
export function adviceOn({ hypotheses, validity, variants, ...result }: Result): string[] {
  const failed = validity.filter(({ ok }) => !ok);
  if (failed.length === 0 || !failed.every(({ name }) => ofSlowness.includes(name))) return [];
  const factor = autoFactors.find((each) => each > (result.slowMotion?.factor ?? 1));
  if (factor === undefined || result.foreign) {
    if (result.machine.loadAverage >= result.machine.cpus)
      return [`Close other programs, and run it again: \`${result.command}\``];
    const [program] = result.command.split(' run ');
    return [
      `If the conclusions tolerate more, raise the limits under \`validity:\`, and judge this run again, with its folder for RUN: \`${program} judge RUN --experiment ${result.experiment.file}\``,
    ];
  }
  const named = hypotheses.flatMap(({ text, ok }) => (ok === null ? measuresOf(text) : []));
  const open = variants.filter(({ name }) => named.some(({ variant }) => variant === name));
  // A fault may need a path that only the other variants use.
  const isSome = variants.every(({ path }) => open.some((each) => each.path === path));
  const only =
    isSome && open.length < variants.length ? ` --only ${open.map(({ name }) => name).join()}` : '';
  const base = result.command.replaceAll(only ? / --(slow-motion|only) \S+/g : / --slow-motion \S+/g, '');
  return [`Run ${only ? 'these variants' : 'it'} again, slower: \`${base} --slow-motion ${factor}${only}\``];
}
