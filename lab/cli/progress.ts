import { clearLine, cursorTo } from 'node:readline';
import { cut } from '#kit/schema/shorten.ts';
import type { CapacityProbe } from '#lab/runner/capacity.ts';
import type { Progress } from '#lab/runner/run.ts';
import { count, duration, plain, rate, share } from '#lab/text/format.ts';

type Output = Pick<NodeJS.WriteStream, 'write' | 'isTTY' | 'columns'>;

/** Shows the progress of a run: on a terminal in one changing line, elsewhere in lines for stages. */
export function progressTo(output: Output): (progress: Progress) => void {
  return output.isTTY ? live(output as NodeJS.WriteStream) : staged(output);
}

/** Returns a function that writes another line; on a terminal it replaces the changing one. */
export function lineTo(output: Output): (line: string) => void {
  return (line) => {
    if (output.isTTY) clear(output as NodeJS.WriteStream);
    output.write(`${line}\n`);
  };
}

export function clear(output: NodeJS.WriteStream): void {
  clearLine(output, 0);
  cursorTo(output, 0);
}

/** Columns kept free for the `^C` of a terminal, which would start a second line. */
const spare = 3;

function live(output: NodeJS.WriteStream): (progress: Progress) => void {
  return (progress) => {
    clear(output);
    const line = describe(progress);
    output.write(isLasting(progress) ? `${whole(line)}\n` : fitted(line, (output.columns || 80) - spare));
  };
}

const stagedEveryMs = 10_000;

function staged(output: Output): (progress: Progress) => void {
  let shown = '';
  let nextMs = 0;
  return (progress) => {
    const line = describe(progress);
    const { elapsedMs = 0 } = 'variant' in progress ? progress : {};
    const stage = `${line.head} ${progress.stage}`;
    if ('variant' in progress && stage === shown && elapsedMs < nextMs) return;
    shown = stage;
    nextMs = elapsedMs + stagedEveryMs;
    output.write(`${whole(line)}\n`);
  };
}

/** True if the line stays on a terminal. */
const isLasting = (progress: Progress): boolean =>
  progress.stage === 'done' ||
  progress.stage === 'capacity' ||
  (progress.stage === 'pace' && progress.chosen !== undefined);

/** A line in its parts; `what` is the last to be cut. */
interface Line {
  readonly head: string;
  readonly what: string;
  readonly details?: string;
}

const whole = ({ head, what, details = '' }: Line): string => head + what + details;

const headMin = 6;

function fitted({ head, what, details = '' }: Line, columns: number): string {
  const headMax = columns - what.length - Math.min(1, details.length);
  return cut(cut(head, Math.max(headMin, headMax)) + what + details, columns);
}

function describe(progress: Progress): Line {
  const { round } = progress;
  const which = round ? `[round ${round.index + 1}/${round.of}, seed ${round.seed}] ` : '';
  if (progress.stage === 'pace') return { head: which, what: describePace(progress, round?.of) };
  if (progress.stage === 'capacity')
    return { head: which, what: plain(`capacity: ${describeProbe(progress.probe)}`) };
  const { variant, index, of, stage, counts, elapsedMs, maxMs, inFlight } = progress;
  const head = `${which}[${index + 1}/${of}] ${variant}`;
  if (counts && stage === 'done') {
    const { offered, outcomes } = counts;
    const { ok = 0, late = 0 } = outcomes;
    const ended = `${count(ok)} ok, ${count(late)} late of ${count(offered)}`;
    return { head, what: plain(`: goodput ${share(ok / Math.max(1, offered))}, ${ended}`) };
  }
  if (elapsedMs === undefined || maxMs === undefined) return { head, what: `: ${stage}` };
  const waiting = inFlight === undefined ? '' : `, ${count(inFlight)} in flight`;
  const what = `: ${stage} ${(elapsedMs / 1000).toFixed(1)} of ≤ ${count(Math.round(maxMs / 1000))} s${waiting}`;
  if (!counts) return { head, what };
  const ended = Object.entries(counts.outcomes).map(([outcome, number]) => `, ${count(number)} ${outcome}`);
  return { head, what, details: `, ${count(counts.offered)} offered${ended.join('')}` };
}

function describePace({ chosen }: Extract<Progress, { stage: 'pace' }>, rounds = 1): string {
  if (!chosen) return 'measuring what a request costs on this machine';
  const { factor, leastMs, drainMs } = chosen;
  const pace = factor === 1 ? 'full speed' : `slow motion by factor ${factor}`;
  return plain(
    `${pace}: at least ${duration(rounds * leastMs)}, and up to ${duration(drainMs)} per variant to drain`,
  );
}

/** Describes the result of a tried rate: `400/s can be had, 1 % ran into the timeout`. */
export function describeProbe({ rate: perSecond, keptUp, missed }: CapacityProbe): string {
  const { timeout, failed, unsent } = missed;
  const verdict = keptUp ? 'is sustained' : 'is too much';
  const failing = failed > 0 ? `, ${share(failed)} failed because of the load` : '';
  const waiting = unsent > 0 ? `, ${share(unsent)} found no free connection` : '';
  return `${rate(perSecond)} ${verdict}, ${share(timeout)} timed out${failing}${waiting}`;
}
