import { type Effect, effectPattern, isOfWarmUp, requestIndex } from '#kit/wire.ts';
import { matched } from './evidence-error.ts';
import type { Text } from './files.ts';
import { eachLine } from './lines.ts';

/** Converts the time in a line of the effect log, counted from 1, to the lab's clock. */
export type ToLab = (ms: number, line: number) => number;

/** Effects of a variant. The arrays are indexed by request. */
export type Effects = Readonly<Omit<EffectCollector, 'add'>>;

/** Collects effects. `size` is the number of planned requests. */
export class EffectCollector {
  /** Commit time of a request's first effect, on the lab's clock; NaN without an effect. */
  readonly firstAtMs: Float64Array;
  /** Time of the first effect, or answer instead of a suppressed one, whose caller still waited; NaN without one. */
  readonly answeredAtMs: Float64Array;
  readonly counts: Uint32Array;
  /** Number of effects in the log. */
  total = 0;
  /** Number of requests with an effect. */
  distinct = 0;
  /** Number of effects whose caller had disconnected. */
  wasted = 0;
  /** Number of effects of the warm-up that were committed after its end. */
  belated = 0;
  /** Commit time of the last effect in `belated`; -Infinity if there is none. */
  belatedUntilMs = -Infinity;
  /** Number of effects whose id belongs neither to the plan nor to the warm-up. */
  strays = 0;

  constructor(size: number) {
    this.firstAtMs = new Float64Array(size).fill(Number.NaN);
    this.answeredAtMs = new Float64Array(size).fill(Number.NaN);
    this.counts = new Uint32Array(size);
  }

  add({ id, atMs, gone, suppressed }: Pick<Effect, 'id' | 'atMs' | 'gone' | 'suppressed'>): void {
    const index = requestIndex(id);
    const isPlanned = index >= 0 && index < this.counts.length;
    if (isPlanned && (suppressed || !gone)) keepFirst(this.answeredAtMs, index, atMs);
    if (suppressed) return;
    this.total += 1;
    if (isOfWarmUp(id)) {
      this.belated += 1;
      this.belatedUntilMs = Math.max(this.belatedUntilMs, atMs);
      return;
    }
    if (gone) this.wasted += 1;
    if (!isPlanned) {
      this.strays += 1;
      return;
    }
    if (this.counts[index] === 0) this.distinct += 1;
    this.counts[index]! += 1;
    keepFirst(this.firstAtMs, index, atMs);
  }
}

/** Reads the effect logs of all replicas. `size` is the number of planned requests. Rejects with EvidenceError. */
export async function readEffects(text: Text, size: number, toLab: ToLab = (ms) => ms): Promise<Effects> {
  const effects = new EffectCollector(size);
  await eachLine(text, (line, record) => {
    const at = { file: text.path, record };
    const [, id = '', time, gone, suppressed] = matched(effectPattern, line, 'an effect', at);
    const effect = { id, atMs: toLab(Number(time), record), gone: gone === 'true' };
    effects.add(suppressed ? { ...effect, suppressed: true } : effect);
  });
  return effects;
}

/** Stores the earliest time. With several replicas, the lines of the log aren't in the order of time. */
function keepFirst(times: Float64Array, index: number, atMs: number): void {
  if (!(times[index]! <= atMs)) times[index] = atMs;
}

/** Returns `belated`, or 0 if all came before the load, as far as clocks known to `errorMs` tell. */
export const belatedBeside = (
  { belated, belatedUntilMs }: Pick<Effects, 'belated' | 'belatedUntilMs'>,
  startedAtMs: number,
  errorMs = 0,
): number => (belatedUntilMs - errorMs < startedAtMs ? 0 : belated);
