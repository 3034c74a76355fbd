import { clearLine, cursorTo } from 'node:readline';
import { cut } from '#kit/schema/shorten.ts';
import type { Progress, VariantProgress } from '#lab/conduct/plan.ts';
import { count, duration, plain, plural, share } from '#lab/experiment/text/format.ts';
import type { Counts } from '#load/protocol.ts';

export type Output = Pick<NodeJS.WriteStream, 'write' | 'isTTY' | 'columns'>;

/** Columns that stay free for the terminal's `^C`, which would otherwise wrap to a second line. */
const spare = 3;
const verboseEveryMs = 10_000;

/**
 * Returns a function that shows the progress of a run. A terminal gets one changing line. All outputs get a line for
 * slow motion and a line for each variant. `verbose` adds all counts, and lines for each stage.
 */
export function progressTo(
  output: Output,
  detail: 'normal' | 'verbose',
  first = 'starting the testbed',
): (progress: Progress) => void {
  const isVerbose = detail === 'verbose';
  let shown = '';
  let nextMs = 0;
  if (output.isTTY) output.write(first);
  return (progress) => {
    const line = describe(progress, isVerbose);
    const { elapsedMs = 0 } = 'variant' in progress ? progress : {};
    const stage = stageOf(progress);
    const isNew = stage !== shown;
    const isDue = isVerbose && (isNew || (!output.isTTY && elapsedMs >= nextMs && elapsedMs > 0));
    if (isNew || isDue) nextMs = elapsedMs + verboseEveryMs;
    shown = stage;
    if (isLasting(progress) || isDue) lineTo(output)(line);
    else if (output.isTTY) redraw(output, line);
  };
}

/** Draws the changing line of a terminal. */
export function redraw(output: Output, line: string): void {
  clear(output as NodeJS.WriteStream);
  output.write(cut(line, (output.columns || 80) - spare));
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

/** Returns a text that changes with the stage, and with the variant. */
const stageOf = (progress: Progress): string =>
  `${'variant' in progress ? headOf(progress) : ''} ${progress.stage}`;

/** True if a terminal keeps the line and shows no changing one below it. */
const isLasting = (progress: Progress): boolean =>
  progress.stage === 'complete' || (progress.stage === 'pace' && progress.chosen !== undefined);

function describe(progress: Progress, isVerbose: boolean): string {
  const { round } = progress;
  if (progress.stage === 'pace') return `${roundOf(progress)}${describePace(progress, round?.of)}`;
  if (progress.stage === 'prediction')
    return `${roundOf(progress)}simulating for comparison: ${progress.done} of ${progress.of}`;
  return plain(`${headOf(progress)}: ${partsOf(progress, isVerbose).join(', ')}`);
}

function partsOf(progress: VariantProgress, isVerbose: boolean): string[] {
  const { stage, counts, elapsedMs, maxMs } = progress;
  if (counts && stage === 'complete') {
    const { ok = 0, late = 0 } = counts.outcomes;
    return [...goodputSoFar(counts), `${count(ok)} ok`, `${count(late)} late of ${count(counts.offered)}`];
  }
  const time =
    elapsedMs === undefined || maxMs === undefined
      ? ''
      : ` ${(elapsedMs / 1000).toFixed(1)} of ≤ ${count(Math.round(maxMs / 1000))} s`;
  return [
    `${stage}${time}`,
    ...goodputSoFar(counts),
    ...leastLeft(progress),
    ...underWay(progress),
    ...(isVerbose && counts ? outcomesOf(counts) : []),
  ];
}

/** Formats the goodput of the requests offered so far. Requests in flight count as not completed. */
const goodputSoFar = (counts: Counts | undefined): string[] =>
  counts && counts.offered > 0 ? [`goodput ${share((counts.outcomes.ok ?? 0) / counts.offered)}`] : [];

/** Formats the least time left: that of the loads ahead, each with a deadline after it. */
function leastLeft({
  stage,
  elapsedMs = 0,
  loadMs,
  deadlineMs,
  index,
  of,
  round,
}: VariantProgress): string[] {
  const eachMs = loadMs + deadlineMs;
  const ownMs = { 'warm-up': eachMs, run: Math.max(0, eachMs - elapsedMs), drain: 0, complete: 0 }[stage];
  const ahead = of - index - 1 + (round ? of * (round.of - round.index - 1) : 0);
  const ms = ownMs + ahead * eachMs;
  return ms > 0 ? [`at least ${duration(1000 * Math.ceil(ms / 1000))} left`] : [];
}

/**
 * Formats the requests in flight during the load, and what is left of their work during the drain. After its callers
 * have given up, the dependency may still work on more attempts than there were requests.
 */
function underWay({ inFlight, atWork }: VariantProgress): string[] {
  if (!atWork) return inFlight === undefined ? [] : [`${count(inFlight)} in flight`];
  const { calls, attempts } = atWork;
  return [`${attempts < calls ? plural(calls, 'call') : plural(attempts, 'attempt')} still at work`];
}

const roundOf = ({ round }: Progress): string =>
  round ? `[round ${round.index + 1}/${round.of}, seed ${round.seed}] ` : '';

const headOf = (progress: VariantProgress): string =>
  `${roundOf(progress)}[${progress.index + 1}/${progress.of}] ${progress.variant}`;

const outcomesOf = ({ offered, outcomes }: Counts): string[] => [
  `${count(offered)} offered`,
  ...Object.entries(outcomes).map(([outcome, number]) => `${count(number)} ${outcome}`),
];

function describePace({ chosen }: Extract<Progress, { stage: 'pace' }>, rounds = 1): string {
  if (!chosen) return 'measuring what a request costs on this machine';
  const { factor, leastMs, drainMs, tooFast } = chosen;
  const slower = `slow motion by factor ${factor}${tooFast === undefined ? '' : `, since ${tooFast}`}`;
  const pace = factor === 1 ? 'full speed' : slower;
  return plain(
    `${pace}: at least ${duration(rounds * leastMs)}, and up to ${duration(rounds * drainMs)} more to drain`,
  );
}
