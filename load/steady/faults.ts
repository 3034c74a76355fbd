import type { Clock, Timer } from '#kit/clock.ts';
import { durationMs } from '#load/phases.ts';
import type { RoundFault, SteadyConfig } from './config.ts';
import { roundsOf } from './rounds.ts';

interface RoundsParts {
  readonly config: SteadyConfig;
  readonly clock: Clock;
  /** Returns the id of a request by its index through all rounds. */
  readonly idOf: (index: number) => string;
  readonly inject: (fault: RoundFault) => void;
  readonly roundEnded: () => void;
}

/** Injects the faults of each round. Returns a function that stops this. */
export function faultsOfRounds({ config, clock, idOf, inject, roundEnded }: RoundsParts): () => void {
  const { phases, faults, seed } = config;
  const startAtMs = clock.now();
  const all = roundsOf(phases, seed);
  let timers: Timer[] = [];
  const begin = () => {
    const { startMs, firstIndex } = all.next().value;
    const at = (ms: number, act: () => void) => clock.after(startAtMs + startMs + ms - clock.now(), act);
    const own = (id: string) => idOf(firstIndex + Number(id.slice(1)));
    const withOwnIds = ({ fault: { ids, ...fault }, ...rest }: RoundFault): RoundFault => ({
      ...rest,
      fault: { ...fault, ...(ids && { ids: ids.map(own) }) },
    });
    timers = faults.map((fault) => at(fault.atMs, () => inject(withOwnIds(fault))));
    timers.push(
      at(durationMs(phases), () => {
        roundEnded();
        begin();
      }),
    );
  };
  begin();
  return () => {
    for (const timer of timers) clock.cancel(timer);
  };
}
