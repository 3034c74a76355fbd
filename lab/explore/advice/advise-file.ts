import { readSource, textOf } from '#lab/experiment/read.ts';
import { refuseExisting, writeChanged } from '#lab/explore/changed-file.ts';
import { plain } from '#lab/kit/text/format.ts';
import { adviceText } from '#lab/show/conclusion/advice.ts';
import { unsimulated } from '#lab/world/simulated/unsimulated.ts';
import { advise } from './advise.ts';

/**
 * Searches changes that save variants, and writes them to a file, by default to `NAME-advised.yaml` in the current
 * folder. Resolves with what to say. Throws InputError.
 */
export async function adviseFile(
  given: string,
  options: { seed?: number | undefined; only?: readonly string[] | undefined; write?: string | undefined },
  signal: AbortSignal,
  onTried: (variant: string, tried: number) => void,
): Promise<string> {
  const { seed, only, write } = options;
  const instead = seed === undefined ? {} : { seed };
  const { file } = readSource(textOf(given), { instead, only, unsuited: unsimulated });
  const target = write ?? `${file.name}-advised.yaml`;
  refuseExisting(target);
  const advised = await advise(file, Object.keys(file.experiment.variants), signal, onTried);
  signal.throwIfAborted();
  if (advised.length === 0)
    return 'Nothing is changed: no variant with policies of Spillway collapses in the simulation.';
  const lines = advised.map((each) => plain(`${each.variant}: ${adviceText(each)}`));
  const values = new Map(advised.flatMap((each) => [...each.values]));
  if (values.size === 0) return lines.join('\n');
  await writeChanged(target, file, { command: 'spillway advise', values, lines });
  return [...lines, `File: ${target}`].join('\n');
}
