import type { Clock } from '#kit/clock.ts';
import type { VariantProgress } from '#lab/runner/run.ts';

/** Real times of a variant besides its load. */
interface Beside {
  /** Time from the end of the previous variant to the start of the load. */
  readonly beforeMs: number;
  /** Time from the end of the load to the end of the drain. */
  readonly afterMs: number;
}

export interface TimeLeft {
  readonly ms: number;
  /** True while a drain is ahead whose length no earlier round and no rate tells. It may take much longer. */
  readonly isLeast: boolean;
}

/**
 * Returns a function that estimates the time until the last variant is complete. The duration of the load is known. The
 * times before and after the load are expected to be as in complete variants. The first variant is expected to start at
 * once and to end one deadline after its load, and a drain to continue at its rate so far.
 */
export function timeLeftBy(clock: Clock): (progress: VariantProgress) => TimeLeft {
  const complete: Beside[] = [];
  let startedAtMs: number | undefined;
  let loadAtMs: number | undefined;
  let drainLeftMs = drainLeft();
  return (progress) => {
    const { stage, elapsedMs = 0, loadMs, deadlineMs } = progress;
    const now = clock.now();
    startedAtMs ??= now;
    if (stage === 'run') loadAtMs = now - elapsedMs;
    if (stage === 'complete') {
      const loadedAtMs = loadAtMs ?? startedAtMs;
      complete.push({ beforeMs: loadedAtMs - startedAtMs, afterMs: Math.max(0, now - loadedAtMs - loadMs) });
      startedAtMs = now;
      loadAtMs = undefined;
      drainLeftMs = drainLeft();
    }
    const { beforeMs, afterMs } = typical(complete, progress.of, { beforeMs: 0, afterMs: deadlineMs });
    const variantMs = beforeMs + loadMs + afterMs;
    const restMs = Math.max(0, (loadAtMs ?? startedAtMs + beforeMs) + loadMs + afterMs - now);
    const drainingMs = stage === 'drain' ? drainLeftMs(progress) : undefined;
    const ownMs = {
      'warm-up': Math.max(loadMs + afterMs, restMs),
      run: restMs,
      drain: drainingMs ?? restMs,
      complete: 0,
    }[stage];
    const ahead = variantsAhead(progress);
    const isLastDrain = ahead === 0 && (stage === 'complete' || drainingMs !== undefined);
    return { ms: ownMs + ahead * variantMs, isLeast: complete.length < progress.of && !isLastDrain };
  };
}

const variantsAhead = ({ index, of, round }: VariantProgress): number =>
  of - index - 1 + (round ? of * (round.of - round.index - 1) : 0);

/** Returns the mean once all variants were seen. Until then returns the median, which a single long drain can't raise. */
function typical(complete: readonly Beside[], of: number, expected: Beside): Beside {
  const isWhole = complete.length >= of;
  const all = isWhole ? complete : [expected, ...complete];
  const average = isWhole ? mean : median;
  return {
    beforeMs: average(all.map(({ beforeMs }) => beforeMs)),
    afterMs: average(all.map(({ afterMs }) => afterMs)),
  };
}

const mean = (values: readonly number[]): number => values.reduce((sum, ms) => sum + ms) / values.length;

/** Returns the median; of an even number, the lower of the two middle ones. */
const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.ceil(values.length / 2) - 1]!;

/** Returns a function that estimates the rest of a drain by its rate; undefined until the work left decreases. */
function drainLeft(): (progress: VariantProgress) => number | undefined {
  let first: { readonly atMs: number; readonly left: number } | undefined;
  return ({ elapsedMs = 0, maxMs = 0, atWork }) => {
    if (!atWork) return undefined;
    const left = Math.max(atWork.calls, atWork.attempts);
    first ??= { atMs: elapsedMs, left };
    const ended = first.left - left;
    if (ended <= 0) return undefined;
    return Math.min(maxMs - elapsedMs, ((elapsedMs - first.atMs) * left) / ended);
  };
}
