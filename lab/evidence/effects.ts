import { effectPattern, isOfWarmUp, requestIndex } from '#kit/wire.ts';
import { matched } from './evidence-error.ts';
import { eachLine } from './lines.ts';

/** Content of downstream's effect log, by request index in columns. */
export interface Effects {
  /** Commit of the first effect of a request, on the machine's monotonic clock; NaN without an effect. */
  readonly firstAtMs: Float64Array;
  /** Commit of the first effect whose caller still waited, suppressed ones included. */
  readonly answeredAtMs: Float64Array;
  /** Effects by request. */
  readonly counts: Uint32Array;
  /** Effects in the log. */
  readonly total: number;
  /** Requests with an effect. */
  readonly distinct: number;
  /** Effects of requests whose caller had disconnected. */
  readonly wasted: number;
  /** Effects of the warm-up after its end. */
  readonly belated: number;
  /** Commit of the last of them; -Infinity without one. */
  readonly belatedUntilMs: number;
  /** Effects for any other ids. */
  readonly strays: number;
}

/** Reads the effect logs of all replicas from one file, for `size` planned requests. Rejects with EvidenceError. */
export async function readEffects(file: string, size: number): Promise<Effects> {
  const firstAtMs = new Float64Array(size).fill(Number.NaN);
  const answeredAtMs = new Float64Array(size).fill(Number.NaN);
  const counts = new Uint32Array(size);
  let total = 0;
  let distinct = 0;
  let wasted = 0;
  let belated = 0;
  let belatedUntilMs = -Infinity;
  let strays = 0;
  await eachLine(file, (line, number) => {
    const [, id = '', atMs, gone, suppressed] = matched(effectPattern, line, 'an effect', {
      file,
      record: number,
    });
    const index = requestIndex(id);
    if (suppressed) {
      if (index >= 0 && index < size) keepFirst(answeredAtMs, index, Number(atMs));
      return;
    }
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
      if (counts[index] === 0) distinct += 1;
      counts[index]! += 1;
      keepFirst(firstAtMs, index, Number(atMs));
      if (gone === 'false') keepFirst(answeredAtMs, index, Number(atMs));
    }
  });
  return { firstAtMs, answeredAtMs, counts, total, distinct, wasted, belated, belatedUntilMs, strays };
}

/** Across the logs of replicas, a later line may be of an earlier effect. */
function keepFirst(times: Float64Array, index: number, atMs: number): void {
  if (!(times[index]! <= atMs)) times[index] = atMs;
}

/** Effects of the warm-up after its end; 0 if all of them came before the load began. */
export const belatedBeside = (
  { belated, belatedUntilMs }: Pick<Effects, 'belated' | 'belatedUntilMs'>,
  startedAtMs: number,
): number => (belatedUntilMs < startedAtMs ? 0 : belated);
