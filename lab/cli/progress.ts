import type { Progress, VariantProgress } from '#lab/conduct/plan.ts';
import { count, duration, number, plain, share } from '#lab/kit/text/format.ts';
import { lineTo, type Output, redraw } from './live.ts';

const verboseEveryMs = 10_000;

interface Shown {
  /** True to write a line for each stage. */
  readonly isVerbose?: boolean;
  /** True in virtual time, where stages take under a second, so that no output shows them. */
  readonly isSimulated?: boolean | undefined;
  /** True if simulations follow the run. */
  readonly isPredicted?: boolean;
}

/**
 * Returns a function that shows the progress of a run. All outputs get a line for slow motion, for each round and for
 * each variant. Below them, a terminal has changing lines: the variant that runs, those that wait, and the stage.
 */
export function progressTo(output: Output, options: Shown): (progress: Progress) => void {
  const { isVerbose = false, isSimulated = false } = options;
  const say = lineTo(output);
  const change = (...lines: string[]) => output.isTTY && redraw(output, lines.map(plain));
  let [stage, nextMs] = ['', 0];
  let shownRound: number | undefined;
  let row = new VariantRow();
  const showOther = (progress: Exclude<Progress, VariantProgress>) => {
    const line = describe(progress, options);
    const isNew = progress.stage !== stage;
    stage = progress.stage;
    if ('chosen' in progress || (isVerbose && isNew)) say(plain(line));
    else change(line);
  };
  const showVariant = (progress: VariantProgress) => {
    const { elapsedMs = 0, variant, names, index } = progress;
    if (progress.stage === 'warm-up') row = new VariantRow();
    row.add(progress);
    const line = `${placeOf(progress)} ${variant}: ${partsOf(progress, options).join(', ')}`;
    const isDue = progress.stage !== stage || (!output.isTTY && elapsedMs >= nextMs && elapsedMs > 0);
    if (isDue) nextMs = elapsedMs + verboseEveryMs;
    stage = progress.stage;
    if (stage === 'complete') return say(plain(output.isTTY ? row.text('✓') : line));
    if (stage === 'failed') return say(plain(output.isTTY ? `✗ ${variant}` : line));
    if (isSimulated) return;
    if (isVerbose && isDue) say(plain(line));
    const waiting = names.slice(index + 1).map((name) => `· ${name}`);
    const lines = [
      row.text('▸'),
      ...waiting,
      `${placeOf(progress)} ${stageOf(progress, options).join(', ')}`,
    ];
    change(...(lines.length < (output.rows || 24) ? lines : [line]));
  };
  change(isSimulated ? 'simulating' : 'starting the testbed');
  return (progress) => {
    const { round } = progress;
    if (round && round.index !== shownRound)
      say(`Round ${round.index + 1} of ${round.of}, seed ${round.seed}:`);
    shownRound = round?.index;
    if ('variant' in progress) showVariant(progress);
    else showOther(progress);
  };
}

function partsOf(progress: VariantProgress, options: Shown): string[] {
  const figures = figuresOf(progress).filter((figure) => figure !== '');
  if (progress.stage === 'complete') return figures;
  const [now = '', ...rest] = stageOf(progress, options);
  return [now, ...figures, ...rest];
}

function stageOf(progress: VariantProgress, { isPredicted }: Shown): string[] {
  const { stage, elapsedMs, maxMs } = progress;
  const time =
    elapsedMs === undefined || maxMs === undefined
      ? ''
      : ` ${(elapsedMs / 1000).toFixed(1)} of ≤ ${count(Math.round(maxMs / 1000))} s`;
  return [`${stage}${time}`, ...leastLeft(progress, isPredicted)];
}

/** Formats the least time left: that of the loads ahead, each with a deadline after it. */
function leastLeft(progress: VariantProgress, isPredicted = false): string[] {
  const { stage, elapsedMs = 0, loadMs, deadlineMs, index, names, round } = progress;
  const eachMs = loadMs + deadlineMs;
  const ownMs = { 'warm-up': eachMs, run: Math.max(0, eachMs - elapsedMs), drain: 0, complete: 0, failed: 0 }[
    stage
  ];
  const { length } = names;
  const ahead = length - index - 1 + (round ? length * (round.of - round.index - 1) : 0);
  const ms = ownMs + ahead * eachMs;
  const left = ms > 0 ? [`at least ${duration(1000 * Math.ceil(ms / 1000))} left`] : [];
  return [...left, ...(isPredicted ? ['then simulations'] : [])];
}

const placeOf = ({ index, names }: VariantProgress): string => `[${index + 1}/${names.length}]`;

function describe(progress: Exclude<Progress, VariantProgress>, { isPredicted }: Shown): string {
  if (progress.stage === 'prediction') return `simulating for comparison: ${progress.done} of ${progress.of}`;
  if (progress.stage === 'advice') return searching(progress.advised, progress.tried);
  const { chosen, round } = progress;
  if (!chosen) return 'measuring what a request costs on this machine';
  const { factor, leastMs, drainMs, tooFast } = chosen;
  const slower = `slow motion × ${factor}${tooFast === undefined ? '' : `, since ${tooFast}`}`;
  const [least, drain] = [leastMs, drainMs].map((ms) => duration((round?.of ?? 1) * ms));
  const after = isPredicted ? ', then simulations' : '';
  return `${factor === 1 ? 'full speed' : slower}: at least ${least}, up to ${drain} more to drain${after}`;
}

export const searching = (variant: string, tried: number): string =>
  `looking for a change that saves ${variant}: ${count(tried)} tried`;

const bars = '▁▂▃▄▅▆▇█';
/** Number of bars. Together they are as long as the load. */
const barsMax = 12;
/** Width of the longest usual figure, `peak 3,266 in flight, knee 25`. */
const inFlightWidth = 29;

/** Collects the progress of a variant for a line of a terminal: `▸ no-limit  ▁▃▇██  3,266 in flight  5 % in time`. */
class VariantRow {
  /** Most calls in flight during each bar so far. */
  readonly #levels: number[] = [];
  #latest: VariantProgress | undefined;

  add(progress: VariantProgress): void {
    const { stage, elapsedMs = 0, loadMs, inFlight } = progress;
    this.#latest = { ...this.#latest, ...progress };
    if (stage !== 'run' || inFlight === undefined || elapsedMs > loadMs) return;
    const bar = Math.min(barsMax - 1, Math.floor((barsMax * elapsedMs) / loadMs));
    const before = this.#levels.at(-1) ?? 0;
    while (this.#levels.length <= bar) this.#levels.push(this.#levels.length < bar ? before : 0);
    this.#levels[bar] = Math.max(this.#levels[bar]!, inFlight);
  }

  text(sign: string): string {
    if (!this.#latest) return sign;
    const { variant, names, knee } = this.#latest;
    const top = Math.max(1, knee ?? 0, ...this.#levels);
    const drawn = this.#levels.map((level) => bars[Math.round((level / top) * (bars.length - 1))]).join('');
    const name = variant.padEnd(Math.max(...names.map(({ length }) => length)));
    const [inFlight, inTime] = figuresOf(this.#latest);
    return `${sign} ${name}  ${drawn.padEnd(barsMax)}  ${inFlight.padEnd(inFlightWidth)}  ${inTime.padStart(13)}`.trimEnd();
  }
}

/** Formats the calls in flight, and the share of the requests offered so far that completed in time; empty if unknown. */
function figuresOf({ stage, inFlight, knee, counts }: VariantProgress): [string, string] {
  const { offered, outcomes } = counts ?? { offered: 0, outcomes: {} };
  const peak = stage === 'complete' ? 'peak ' : '';
  const beside = knee ? `, knee ${number(knee)}` : '';
  return [
    inFlight === undefined ? '' : `${peak}${count(inFlight)} in flight${beside}`,
    offered === 0 ? '' : `${share((outcomes.ok ?? 0) / offered)} in time`,
  ];
}
