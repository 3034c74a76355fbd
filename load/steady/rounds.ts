import { durationMs, type Phase, phaseSpans, planned, type Scheduled, schedule } from '#load/phases.ts';

export interface Round {
  readonly startMs: number;
  readonly firstIndex: number;
  readonly seed: number;
}

/** Yields the repetitions of a load. Each has the next seed, and goes on with the indexes. */
export function* roundsOf(load: readonly Phase[], seed: number): Generator<Round, never, undefined> {
  const roundMs = durationMs(load);
  for (let round = 0, firstIndex = 0; ; round++) {
    yield { startMs: round * roundMs, firstIndex, seed: seed + round };
    firstIndex += planned(load, seed + round);
  }
}

/** Yields the requests of a load again and again. */
export function* rounds(load: readonly Phase[], seed: number): Generator<Scheduled, void, undefined> {
  for (const round of roundsOf(load, seed))
    for (const { index, scheduledAtMs } of schedule(load, round.seed))
      yield { index: round.firstIndex + index, scheduledAtMs: round.startMs + scheduledAtMs };
}

/** Returns the index of the phase at `elapsedMs` after the start of the first round. */
export const phaseAt = (load: readonly Phase[], elapsedMs: number): number =>
  phaseSpans(load).findIndex(({ span }) => elapsedMs % durationMs(load) < span.untilMs);
