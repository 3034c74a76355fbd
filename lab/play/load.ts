import { ratesOf } from '#lab/experiment/limits/rates.ts';
import { durationMs, type Phase, phaseSpans } from '#load/phases.ts';
import type { Click, Edit } from './setting.ts';

/** Arrivals that can be cut, and that have one rate. */
type Steady = Extract<Phase['arrivals'], { readonly ratePerSecond: number }>;
export type LoadClick = Click & { readonly kind: 'load' | 'spike' };

const isSteady = (phase: Phase): phase is Phase & { readonly arrivals: Steady } =>
  'ratePerSecond' in phase.arrivals;

export const isOfLoad = (edit: Edit): edit is LoadClick =>
  'kind' in edit && (edit.kind === 'load' || edit.kind === 'spike');

/** Returns the rate of the first phase, to which changes of the load are relative; undefined if it can't change. */
export const baseRate = (load: readonly Phase[]): number | undefined =>
  load.every(isSteady) ? ratesOf(load)(0) : undefined;

/** Longest time for which a load goes on after something that happens. */
const afterMsMax = 15_000;

/**
 * Returns a load that goes on for a while after what happens at some times, so that it has consequences. Its last phase
 * becomes longer. What happens after the end of the load doesn't count.
 */
export function lengthened(
  load: readonly Phase[],
  happens: readonly { readonly atMs: number; readonly forMs?: number }[],
): readonly Phase[] {
  const last = load.at(-1);
  if (!last || !isSteady(last) || !load.every(isSteady)) return load;
  const wholeMs = durationMs(load);
  let untilMs = wholeMs;
  for (const { atMs, forMs = 0 } of happens.toSorted((one, other) => one.atMs - other.atMs))
    if (atMs <= untilMs) untilMs = Math.max(untilMs, atMs + forMs + Math.min(afterMsMax, 0.8 * wholeMs));
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
  if (clicks.length === 0 || base === undefined) return load;
  const cuts = clicks.flatMap((click) => [click.atMs, endOf(click)]);
  return phaseSpans(load).flatMap(({ span: { fromMs, untilMs } }, index) => {
    const { name, arrivals } = load[index] as Phase & { readonly arrivals: Steady };
    const inside = cuts.filter((ms) => ms > fromMs && ms < untilMs);
    const edges = [...new Set([fromMs, ...inside, untilMs])].sort((a, b) => a - b);
    return edges.slice(0, -1).map((edge, part) => {
      const ratePerSecond = Number((arrivals.ratePerSecond * factorAt(edge, base, clicks)).toPrecision(12));
      return {
        ...(name !== undefined && part === 0 && { name }),
        arrivals: { ...arrivals, ratePerSecond, forMs: edges[part + 1]! - edge },
      };
    });
  });
}

const endOf = (click: LoadClick): number => click.atMs + (click.kind === 'spike' ? click.forMs : 0);

/** Returns by how much the load is higher at a time than in the file. */
function factorAt(ms: number, base: number, clicks: readonly LoadClick[]): number {
  let [factor, sinceMs, spikes] = [1, -1, 1];
  for (const click of clicks) {
    if (click.atMs > ms) continue;
    if (click.kind === 'spike') spikes *= ms < endOf(click) ? (click.factor ?? 1) : 1;
    else if (click.atMs >= sinceMs) [factor, sinceMs] = [click.perSecond / base, click.atMs];
  }
  return factor * spikes;
}
