import { clearLine, cursorTo } from 'node:readline';
import { count, cut, share } from './format.ts';
import { describeProbe } from './report/capacity.ts';
import { plain } from './report/terminal/plain.ts';
import type { Progress } from './run/run.ts';

type Output = Pick<NodeJS.WriteStream, 'write' | 'isTTY' | 'columns'>;

/** Shows how a run goes on: one line that changes on a terminal, a line per stage elsewhere. */
export function progressTo(output: Output): (progress: Progress) => void {
  return output.isTTY ? live(output as NodeJS.WriteStream) : staged(output);
}

/** Writes a line that is not about how a run goes on; on a terminal in the place of the one that changes. */
export function lineTo(output: Output): (line: string) => void {
  return (line) => {
    if (output.isTTY) clear(output as NodeJS.WriteStream);
    output.write(`${line}\n`);
  };
}

/** Empties the line of a terminal that changes. */
export function clear(output: NodeJS.WriteStream): void {
  clearLine(output, 0);
  cursorTo(output, 0);
}

function live(output: NodeJS.WriteStream): (progress: Progress) => void {
  return (progress) => {
    clear(output);
    const line = describe(progress);
    output.write(isLasting(progress) ? `${line}\n` : cut(line, (output.columns || 80) - 1));
  };
}

function staged(output: Output): (progress: Progress) => void {
  return (progress) => {
    // Counts change four times a second; a log wants to know about stages only.
    if (isLasting(progress) || !('counts' in progress && progress.counts))
      output.write(`${describe(progress)}\n`);
  };
}

/** Whether it stays to be read. */
const isLasting = ({ stage }: Progress): boolean => stage === 'done' || stage === 'capacity';

function describe(progress: Progress): string {
  const { round } = progress;
  const which = round ? `[round ${round.index + 1}/${round.of}, seed ${round.seed}] ` : '';
  if (progress.stage === 'pace') return `${which}measuring what a request costs on this machine`;
  if (progress.stage === 'capacity') return plain(`${which}capacity: ${describeProbe(progress.probe)}`);
  const { variant, index, of, stage, counts } = progress;
  const head = `${which}[${index + 1}/${of}] ${variant}`;
  if (counts && stage === 'done') {
    const { offered, outcomes } = counts;
    const { ok = 0, late = 0 } = outcomes;
    const goodput = share(ok / Math.max(1, offered));
    return plain(`${head}: goodput ${goodput}, ${count(ok)} ok, ${count(late)} late of ${count(offered)}`);
  }
  if (!counts) return `${head}: ${stage}`;
  const done = Object.entries(counts.outcomes).map(([outcome, count]) => `${count} ${outcome}`);
  return `${head}: ${(counts.elapsedMs / 1000).toFixed(1)} s, ${counts.offered} offered, ${[...done, `${counts.inFlight} under way`].join(', ')}`;
}
