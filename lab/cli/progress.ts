import { clearLine, cursorTo } from 'node:readline';
import { type Clock, systemClock } from '#kit/clock.ts';
import { cut } from '#kit/schema/shorten.ts';
import type { Progress, VariantProgress } from '#lab/runner/run.ts';
import { count, duration, plain, plural, share } from '#lab/text/format.ts';
import type { Counts } from '#load/protocol.ts';
import { type TimeLeft, timeLeftBy } from './time-left.ts';

type Output = Pick<NodeJS.WriteStream, 'write' | 'isTTY' | 'columns'>;

/**
 * Returns a function that shows the progress of a run. A terminal gets one changing line. Other outputs get a line for
 * slow motion and a line for each variant. `verbose` adds all counts, and on other outputs a line for each stage.
 */
export function progressTo(
  output: Output,
  detail: 'normal' | 'verbose',
  clock: Clock = systemClock,
  first = 'starting the testbed',
): (progress: Progress) => void {
  if (output.isTTY) {
    output.write(first);
    return live(output as NodeJS.WriteStream, detail === 'verbose', clock);
  }
  return detail === 'verbose' ? staged(output) : eachVariant(output);
}

/** Returns a function that writes a line. On a terminal, it first clears the changing line. */
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

/** Columns that stay free for the terminal's `^C`, which would otherwise wrap to a second line. */
const spare = 3;

function live(output: NodeJS.WriteStream, isVerbose: boolean, clock: Clock): (progress: Progress) => void {
  const changing = changingLine(isVerbose, clock);
  let shown = '';
  return (progress) => {
    const line = changing(progress);
    clear(output);
    const stage = stageOf(progress);
    const isOver = isLasting(progress);
    if (isOver || (isVerbose && stage !== shown)) output.write(`${whole(describe(progress))}\n`);
    if (!isOver) output.write(fitted(line, (output.columns || 80) - spare));
    shown = stage;
  };
}

const eachVariant =
  (output: Output): ((progress: Progress) => void) =>
  (progress) => {
    if (isLasting(progress)) output.write(`${whole(describe(progress))}\n`);
  };

const stagedEveryMs = 10_000;

function staged(output: Output): (progress: Progress) => void {
  let shown = '';
  let nextMs = 0;
  return (progress) => {
    const { elapsedMs = 0 } = 'variant' in progress ? progress : {};
    const stage = stageOf(progress);
    const isRepeated = 'variant' in progress || progress.stage === 'prediction';
    if (isRepeated && stage === shown && elapsedMs < nextMs) return;
    shown = stage;
    nextMs = elapsedMs + stagedEveryMs;
    output.write(`${whole(describe(progress))}\n`);
  };
}

/** Returns a text that changes with the stage, and with the variant. */
const stageOf = (progress: Progress): string => `${describe(progress).head} ${progress.stage}`;

/** True if a terminal keeps the line and shows no changing one below it. */
const isLasting = (progress: Progress): boolean => progress.stage === 'complete' || isPace(progress);

/** True if this progress has the factor of slow motion and the expected time. */
const isPace = (progress: Progress): boolean => progress.stage === 'pace' && progress.chosen !== undefined;

/** Parts of a line. If the line is too long, `what` is the last part to be cut. */
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

/** Returns a function that describes the progress, with the goodput so far and the remaining time. */
function changingLine(isVerbose: boolean, clock: Clock): (progress: Progress) => Line {
  const timeLeft = timeLeftBy(clock);
  let now = '';
  let counts: Counts | undefined;
  return (progress) => {
    if (!('variant' in progress)) return describe(progress);
    const head = headOf(progress);
    // The drain reports no counts, so the last counts of the load stay in the line.
    counts = progress.counts ?? (head === now ? counts : undefined);
    now = head;
    const { stage } = progress;
    const parts = [stage, ...goodputSoFar(counts), ...leftText(timeLeft(progress))];
    const details = [...underWay(progress), ...(isVerbose && counts ? outcomesOf(counts) : [])];
    return {
      head,
      what: plain(`: ${parts.join(', ')}`),
      details: details.map((detail) => `, ${detail}`).join(''),
    };
  };
}

/** Formats the goodput of the requests offered so far. Requests in flight count as not completed. */
function goodputSoFar(counts: Counts | undefined): string[] {
  if (!counts || counts.offered === 0) return [];
  return [`goodput ${share((counts.outcomes.ok ?? 0) / counts.offered)}`];
}

/**
 * Formats the requests in flight during the load, and what is left of their work during the drain. After its callers
 * have given up, the dependency may still work on more attempts than there were requests.
 */
function underWay({ inFlight, atWork }: VariantProgress): string[] {
  if (!atWork) return inFlight === undefined ? [] : [`${count(inFlight)} in flight`];
  const { calls, attempts } = atWork;
  return [plain(`${attempts < calls ? plural(calls, 'call') : plural(attempts, 'attempt')} still at work`)];
}

/** Formats the time left, in whole seconds; nothing if it is over. */
const leftText = ({ ms, isLeast }: TimeLeft): string[] =>
  ms > 0 ? [`${isLeast ? 'at least' : 'about'} ${duration(1000 * Math.ceil(ms / 1000))} left`] : [];

const roundOf = ({ round }: Progress): string =>
  round ? `[round ${round.index + 1}/${round.of}, seed ${round.seed}] ` : '';

const headOf = (progress: VariantProgress): string =>
  `${roundOf(progress)}[${progress.index + 1}/${progress.of}] ${progress.variant}`;

const outcomesOf = ({ offered, outcomes }: Counts): string[] => [
  `${count(offered)} offered`,
  ...Object.entries(outcomes).map(([outcome, number]) => `${count(number)} ${outcome}`),
];

function describe(progress: Progress): Line {
  const { round } = progress;
  const which = roundOf(progress);
  if (progress.stage === 'pace') return { head: which, what: describePace(progress, round?.of) };
  if (progress.stage === 'prediction')
    return { head: which, what: `simulating for comparison: ${progress.done} of ${progress.of}` };
  const { stage, counts, elapsedMs, maxMs } = progress;
  const head = headOf(progress);
  if (counts && stage === 'complete') {
    const { offered, outcomes } = counts;
    const { ok = 0, late = 0 } = outcomes;
    const ended = `${count(ok)} ok, ${count(late)} late of ${count(offered)}`;
    return { head, what: plain(`: goodput ${share(ok / Math.max(1, offered))}, ${ended}`) };
  }
  if (elapsedMs === undefined || maxMs === undefined) return { head, what: `: ${stage}` };
  const waiting = underWay(progress).map((each) => `, ${each}`);
  const what = `: ${stage} ${(elapsedMs / 1000).toFixed(1)} of ≤ ${count(Math.round(maxMs / 1000))} s${waiting.join('')}`;
  const details = counts ? outcomesOf(counts).map((each) => `, ${each}`) : [];
  return { head, what, details: details.join('') };
}

function describePace({ chosen }: Extract<Progress, { stage: 'pace' }>, rounds = 1): string {
  if (!chosen) return 'measuring what a request costs on this machine';
  const { factor, leastMs, drainMs } = chosen;
  const pace = factor === 1 ? 'full speed' : `slow motion by factor ${factor}`;
  return plain(
    `${pace}: at least ${duration(rounds * leastMs)}, and up to ${duration(rounds * drainMs)} more to drain`,
  );
}
