import type { Click } from './setting.ts';

interface Arrivals {
  readonly kind: string;
  readonly ratePerSecond?: number;
  readonly forMs?: number;
}

/** Phase as in a file. */
export interface PhaseValue {
  readonly name?: string;
  readonly arrivals: Arrivals;
}

type Steady = Arrivals & { readonly ratePerSecond: number; readonly forMs: number };

/** True for arrivals that can be cut, and that have one rate. */
const isSteady = (arrivals: Arrivals): arrivals is Steady =>
  (arrivals.kind === 'constant' || arrivals.kind === 'poisson') &&
  typeof arrivals.ratePerSecond === 'number' &&
  typeof arrivals.forMs === 'number';

/** Returns the rate of the first phase, to which changes of the load are relative; undefined if a load can't change. */
export function baseRate(load: readonly PhaseValue[]): number | undefined {
  const [first] = load;
  return first &&
    isSteady(first.arrivals) &&
    first.arrivals.ratePerSecond > 0 &&
    load.every((each) => isSteady(each.arrivals))
    ? first.arrivals.ratePerSecond
    : undefined;
}

type LoadClick = Extract<Click, { kind: 'load' | 'spike' }>;

export const isOfLoad = (click: Click): click is LoadClick => click.kind === 'load' || click.kind === 'spike';

/**
 * Returns a load with changes. Phases are cut at the changes, so that the load before the first of them stays the same,
 * draws included.
 */
export function scaledLoad(load: readonly PhaseValue[], clicks: readonly LoadClick[]): PhaseValue[] {
  const base = baseRate(load);
  if (base === undefined || clicks.length === 0) return [...load];
  const cuts = clicks.flatMap((click) =>
    click.kind === 'load' ? [click.atMs] : [click.atMs, click.atMs + click.forMs],
  );
  let startMs = 0;
  return load.flatMap(({ name, arrivals }) => {
    const { ratePerSecond, forMs } = arrivals as Steady;
    const [fromMs, untilMs] = [startMs, startMs + forMs];
    startMs = untilMs;
    const inside = cuts.filter((ms) => ms > fromMs && ms < untilMs);
    const edges = [...new Set([fromMs, ...inside, untilMs])].sort((a, b) => a - b);
    return edges.slice(0, -1).map((edge, part) => ({
      ...(name !== undefined && { name: part === 0 ? name : `${name} ${part + 1}` }),
      arrivals: {
        ...arrivals,
        ratePerSecond: rounded(ratePerSecond * factorAt(edge, base, clicks)),
        forMs: edges[part + 1]! - edge,
      },
    }));
  });
}

/** Returns by how much the load is higher at a time than in the file. */
function factorAt(ms: number, base: number, clicks: readonly LoadClick[]): number {
  const changes = clicks.filter((click) => click.kind === 'load' && click.atMs <= ms);
  const last = changes.toSorted((a, b) => a.atMs - b.atMs).at(-1);
  const spikes = clicks.filter(
    (click) => click.kind === 'spike' && click.atMs <= ms && ms < click.atMs + click.forMs,
  );
  const factor = last?.kind === 'load' ? last.perSecond / base : 1;
  return spikes.reduce((product, click) => product * (click.kind === 'spike' ? click.factor : 1), factor);
}

const rounded = (rate: number): number => Number(rate.toPrecision(12));
