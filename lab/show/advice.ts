import { autoFactors } from '#lab/experiment/scaled.ts';
import { disturbedIn, stallCheck } from '#lab/judge/result/facts.ts';
import type { Result } from '#lab/judge/result/result.ts';
import { quoted } from '#lab/kit/text/format.ts';

/** Checks that a slower run passes, and whose limits a file can raise. */
const ofSlowness = ['send lag p99', 'sleep excess p99', 'delay of faults', stallCheck];

/**
 * Returns a sentence with the command that most likely leads to the missing verdicts: the disturbed variants again; if all
 * were, or were so again, the whole run slower; or else the same run on an idle machine, or another judgement of this one.
 * Empty if the file or something else must change.
 */
export function adviceOn({ validity, variants, reruns = [], folder, ...result }: Result): string[] {
  const failed = validity.filter(({ ok }) => !ok);
  if (failed.length === 0 || !failed.every(({ name }) => ofSlowness.includes(name))) return [];
  const disturbed = disturbedIn({ validity, variants });
  const again = variants.filter(({ name }) => disturbed.includes(name));
  const wereTried = reruns.some(
    (each) => each.finished && each.variants.some((name) => disturbed.includes(name)),
  );
  // A fault may need a path that only the other variants use.
  const isPossible = variants.every(({ path }) => again.some((each) => each.path === path));
  if (folder !== undefined && again.length < variants.length && isPossible && !wereTried)
    return [
      `Run only the disturbed variants again, into this result: \`${rerunLine(result.command, disturbed, folder)}\``,
    ];
  const factor = autoFactors.find((each) => each > (result.slowMotion?.factor ?? 1));
  const hasOwnCode = variants.some(({ config }) => 'client' in config || 'command' in config);
  if (factor !== undefined && !result.foreign && !hasOwnCode) {
    const command = result.command.replaceAll(/ --slow-motion \S+/g, '');
    return [`Run it again, slower: \`${command} --slow-motion ${factor}\``];
  }
  if (result.machine.loadAverage >= result.machine.cpus)
    return [`Close other programs, and run it again: \`${result.command}\``];
  if (folder === undefined) return [];
  const [program] = result.command.split(' run ');
  return [
    `If the conclusions tolerate more, raise the limits under \`validity:\`, and judge this run again: \`${program} judge ${quoted(folder)} --experiment ${result.experiment.file}\``,
  ];
}

/** Returns the command that conducts variants of a run again. `command` is that of the run. */
export const rerunLine = (command: string, variants: readonly string[], folder: string): string =>
  `${command.replaceAll(/ --only \S+/g, '')} --only ${variants.join()} --into ${quoted(folder)}`;
