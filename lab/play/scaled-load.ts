import { durationMs, type Phase } from '#load/phases.ts';
import type { Click } from './setting.ts';

/** Arrivals that can be cut, and that have one rate. */
type Steady = Extract<Phase['arrivals'], { kind: 'constant' | 'poisson' }>;

const isSteady = (arrivals: Phase['arrivals']): arrivals is Steady =>
  arrivals.kind === 'constant' || arrivals.kind === 'poisson';

/** Returns the rate of the first phase, to which changes of the load are relative; undefined if a load can't change. */
export function baseRate(load: readonly Phase[]): number | undefined {
  const rates = load.map(({ arrivals }) => (isSteady(arrivals) ? arrivals.ratePerSecond : undefined));
  return rates.includes(undefined) ? undefined : rates[0] || undefined;
}

type LoadClick = Extract<Click, { kind: 'load' | 'spike' }>;

export const isOfLoad = (click: Click): click is LoadClick => click.kind === 'load' || click.kind === 'spike';

/** Longest time for which a load goes on after a click. */
const afterClickMs = 15_000;

/**
 * Returns a load that goes on for a while after its clicks, so that one at its end has consequences. Its last phase
 * becomes longer. A click after the end of the load doesn't count.
 */
export function lengthened(load: readonly Phase[], clicks: readonly Click[]): readonly Phase[] {
  const last = load.at(-1);
  if (!last || !load.every(({ arrivals }) => isSteady(arrivals)) || !isSteady(last.arrivals)) return load;
  const wholeMs = durationMs(load);
  let untilMs = wholeMs;
  for (const click of clicks.toSorted((one, other) => one.atMs - other.atMs)) {
    const goesOnMs = Math.min(afterClickMs, 0.8 * wholeMs) + ('forMs' in click ? click.forMs : 0);
    if (click.atMs <= untilMs) untilMs = Math.max(untilMs, click.atMs + goesOnMs);
  }
  if (untilMs === wholeMs) return load;
  const forMs = last.arrivals.forMs + untilMs - wholeMs;
  return [...load.slice(0, -1), { ...last, arrivals: { ...last.arrivals, forMs } }];
}

/**
 * Returns a load with changes. Phases are cut at the changes, so that the load before the first of them stays the same,
 * draws included.
 */
export function scaledLoad(load: readonly Phase[], clicks: readonly LoadClick[]): readonly Phase[] {
  const base = baseRate(load);
  if (base === undefined || clicks.length === 0) return load;
  const cuts = clicks.flatMap((click) => [click.atMs, click.kind === 'load' ? click.atMs : endOf(click)]);
  let startMs = 0;
  return load.flatMap(({ name, arrivals }) => {
    if (!isSteady(arrivals)) return [];
    const [fromMs, untilMs] = [startMs, startMs + arrivals.forMs];
    startMs = untilMs;
    const inside = cuts.filter((ms) => ms > fromMs && ms < untilMs);
    const edges = [...new Set([fromMs, ...inside, untilMs])].sort((a, b) => a - b);
    return edges.slice(0, -1).map((edge, part) => {
      const ratePerSecond = rounded(arrivals.ratePerSecond * factorAt(edge, base, clicks));
      return {
        ...(name !== undefined && { name: part === 0 ? name : `${name} ${part + 1}` }),
        arrivals: { ...arrivals, ratePerSecond, forMs: edges[part + 1]! - edge },
      };
    });
  });
}

const endOf = ({ atMs, forMs }: { atMs: number; forMs: number }): number => atMs + forMs;
const rounded = (rate: number): number => Number(rate.toPrecision(12));

/** Returns by how much the load is higher at a time than in the file. */
function factorAt(ms: number, base: number, clicks: readonly LoadClick[]): number {
  let [factor, sinceMs] = [1, -1];
  let spikes = 1;
  for (const click of clicks) {
    if (click.atMs > ms) continue;
    if (click.kind === 'load' && click.atMs >= sinceMs)
      [factor, sinceMs] = [click.perSecond / base, click.atMs];
    if (click.kind === 'spike' && ms < endOf(click)) spikes *= click.factor;
  }
  return factor * spikes;
}
