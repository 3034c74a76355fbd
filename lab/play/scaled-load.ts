import type { Phase } from '#load/phases.ts';
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

/**
 * Returns a load with changes. Phases are cut at the changes, so that the load before the first of them stays the same,
 * draws included.
 */
export function scaledLoad(load: readonly Phase[], clicks: readonly LoadClick[]): Phase[] {
  const base = baseRate(load);
  if (base === undefined || clicks.length === 0) return [...load];
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
