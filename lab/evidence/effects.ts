import { effectPattern, isOfWarmUp, requestIndex } from '#kit/wire.ts';
import { EvidenceError } from './evidence-error.ts';
import { eachLine } from './lines.ts';

/** What downstream's effect log says, by request index in columns. */
export interface Effects {
  /** When the first effect of a request was committed, on the machine's monotonic clock; NaN without an effect. */
  readonly firstAtMs: Float64Array;
  /** The same of the first effect whose caller still waited. */
  readonly answeredAtMs: Float64Array;
  /** Lines in the log. */
  readonly total: number;
  /** Requests that have an effect. */
  readonly distinct: number;
  /** Of requests, effects whose caller had gone. */
  readonly wasted: number;
  /** Effects that the warm-up had after its end. */
  readonly belated: number;
  /** When the last of these was committed, on the same clock; -Infinity without one. */
  readonly belatedUntilMs: number;
  /** Effects for any other ids. */
  readonly strays: number;
}

/** Reads the effect logs (JSON lines), those of all replicas in one file, of a run that planned `size` requests. Rejects with EvidenceError. */
export async function readEffects(file: string, size: number): Promise<Effects> {
  const firstAtMs = new Float64Array(size).fill(Number.NaN);
  const answeredAtMs = new Float64Array(size).fill(Number.NaN);
  let total = 0;
  let distinct = 0;
  let wasted = 0;
  let belated = 0;
  let belatedUntilMs = Number.NEGATIVE_INFINITY;
  let strays = 0;
  await eachLine(file, (line, number) => {
    const [, id, atMs, gone] = effectPattern.exec(line) ?? [];
    if (id === undefined)
      throw new EvidenceError(`expected an effect, got ${line.slice(0, 100)}`, { file, record: number });
    const index = requestIndex(id);
    total += 1;
    if (isOfWarmUp(id)) {
      belated += 1;
      belatedUntilMs = Math.max(belatedUntilMs, Number(atMs));
      return;
    }
    if (gone === 'true') wasted += 1;
    if (index < 0 || index >= size) {
      strays += 1;
    } else {
      if (Number.isNaN(firstAtMs[index])) distinct += 1;
      keepFirst(firstAtMs, index, Number(atMs));
      if (gone === 'false') keepFirst(answeredAtMs, index, Number(atMs));
    }
  });
  return { firstAtMs, answeredAtMs, total, distinct, wasted, belated, belatedUntilMs, strays };
}

/** In several logs, one after the other, a later line may be of an earlier effect. */
function keepFirst(times: Float64Array, index: number, atMs: number): void {
  if (!(times[index]! <= atMs)) times[index] = atMs;
}

/** How many effects the warm-up had after its end, where some of them came beside the load; else it was over all the same. */
export const belatedBeside = (
  { belated, belatedUntilMs }: Pick<Effects, 'belated' | 'belatedUntilMs'>,
  startedAtMs: number,
): number => (belatedUntilMs < startedAtMs ? 0 : belated);
