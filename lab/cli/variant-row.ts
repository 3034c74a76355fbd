import type { VariantProgress } from '#lab/conduct/plan.ts';
import { count, number, share } from '#lab/experiment/text/format.ts';

const bars = '▁▂▃▄▅▆▇█';
/** Number of bars. Together they are as long as the load. */
const barsMax = 12;
/** Width of the longest usual figure, `peak 3,266 in flight, knee 25`. */
const inFlightWidth = 29;

/** Collects the progress of a variant for a line of a terminal: `▸ no-limit  ▁▃▇██  3,266 in flight  5 % in time`. */
export class VariantRow {
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
export function figuresOf({ stage, inFlight, knee, counts }: VariantProgress): [string, string] {
  const { offered, outcomes } = counts ?? { offered: 0, outcomes: {} };
  const peak = stage === 'complete' ? 'peak ' : '';
  const beside = knee ? `, knee ${number(knee)}` : '';
  return [
    inFlight === undefined ? '' : `${peak}${count(inFlight)} in flight${beside}`,
    offered === 0 ? '' : `${share((outcomes.ok ?? 0) / offered)} in time`,
  ];
}
