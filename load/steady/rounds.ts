import { durationMs, type Phase, type Scheduled, schedule } from '#load/phases.ts';

/** Every request of a load that is offered again and again without end; each round has the seed after the last one's. */
export function* rounds(load: readonly Phase[], seed: number): Generator<Scheduled, never, undefined> {
  const roundMs = durationMs(load);
  let index = 0;
  for (let round = 0; ; round++) {
    for (const { scheduledAtMs } of schedule(load, seed + round))
      yield { index: index++, scheduledAtMs: round * roundMs + scheduledAtMs };
  }
}

/** The index of the phase that is under way `elapsedMs` after the start of the first round. */
export function phaseAt(load: readonly Phase[], elapsedMs: number): number {
  const lengths = load.map((phase) => durationMs([phase]));
  let leftMs = elapsedMs % durationMs(load);
  return lengths.findIndex((lengthMs) => {
    leftMs -= lengthMs;
    return leftMs < 0;
  });
}
