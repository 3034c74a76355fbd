import { effectPattern, isOfWarmUp, requestIndex } from '#kit/wire.ts';
import { matched } from './evidence-error.ts';
import { eachLine } from './lines.ts';

/** Content of downstream's effect log. The arrays are indexed by request. */
export type Effects = Readonly<Awaited<ReturnType<typeof readEffects>>>;

/** Converts the time in a line of the effect log, counted from 1, to the lab's clock. */
export type ToLab = (ms: number, line: number) => number;

/**
 * Reads a file with the effect logs of all replicas. `size` is the number of planned requests. Rejects with
 * EvidenceError.
 */
export async function readEffects(file: string, size: number, toLab: ToLab = (ms) => ms) {
  const effects = {
    /** Commit time of a request's first effect, on the lab's clock; NaN without an effect. */
    firstAtMs: new Float64Array(size).fill(Number.NaN),
    /** Time of the first effect, or answer instead of a suppressed one, whose caller still waited; NaN without one. */
    answeredAtMs: new Float64Array(size).fill(Number.NaN),
    /** Number of effects by request. */
    counts: new Uint32Array(size),
    /** Number of effects in the log. */
    total: 0,
    /** Number of requests with an effect. */
    distinct: 0,
    /** Number of effects whose caller had disconnected. */
    wasted: 0,
    /** Number of effects of the warm-up that were committed after its end. */
    belated: 0,
    /** Commit time of the last effect in `belated`; -Infinity if there is none. */
    belatedUntilMs: -Infinity,
    /** Number of effects whose id belongs neither to the plan nor to the warm-up. */
    strays: 0,
  };
  const { firstAtMs, answeredAtMs, counts } = effects;
  await eachLine(file, (line, record) => {
    const [, id = '', time, gone, suppressed] = matched(effectPattern, line, 'an effect', { file, record });
    const atMs = toLab(Number(time), record);
    const index = requestIndex(id);
    const isPlanned = index >= 0 && index < size;
    if (isPlanned && (suppressed || gone === 'false')) keepFirst(answeredAtMs, index, atMs);
    if (suppressed) return;
    effects.total += 1;
    if (isOfWarmUp(id)) {
      effects.belated += 1;
      effects.belatedUntilMs = Math.max(effects.belatedUntilMs, atMs);
      return;
    }
    if (gone === 'true') effects.wasted += 1;
    if (!isPlanned) {
      effects.strays += 1;
      return;
    }
    if (counts[index] === 0) effects.distinct += 1;
    counts[index]! += 1;
    keepFirst(firstAtMs, index, atMs);
  });
  return effects;
}

/** Stores the earliest time. With several replicas, the lines of the log aren't in the order of time. */
function keepFirst(times: Float64Array, index: number, atMs: number): void {
  if (!(times[index]! <= atMs)) times[index] = atMs;
}

/**
 * Returns the number of warm-up effects after the end of the warm-up. Returns 0 if they all came before the load began,
 * or may have, since clocks are known only to `errorMs`.
 */
export const belatedBeside = (
  { belated, belatedUntilMs }: Pick<Effects, 'belated' | 'belatedUntilMs'>,
  startedAtMs: number,
  errorMs = 0,
): number => (belatedUntilMs - errorMs < startedAtMs ? 0 : belated);
