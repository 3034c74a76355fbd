import { type Static, Type } from 'typebox';
import { type Final, flag, nullable, number, object } from './schema-helpers.ts';

export const Recovery = object({
  /** From mending, or the end of the phase, until the goodput was back for as long as the experiment asks; null when it was not while the load went on. */
  timeMs: nullable(number),
  /** Whether it recovered, or was watched for so long that it is known not to have. Missing in results from before. */
  told: Type.Optional(flag),
  /** What that is at least; less than was watched, since nobody knows how what came last went on. Missing in results from before. */
  atLeastMs: Type.Optional(number),
  /** From mending until the backlog was back at the most that it had been before any fault; null when it was not while the load went on. Missing where nobody told of it. */
  drainMs: Type.Optional(nullable(number)),
  /** How long the load went on after mending. */
  watchedMs: number,
  /** Requests due since the fault began that would have been in time at the goodput before any fault, and were not; until recovered, if it was. */
  lostGoodput: number,
  /** Nothing is broken any more and no more is offered than before, and yet less than half of the goodput is back, nor on its way; null where it may be, where more is offered, nobody watched for long enough, or nothing went well before. */
  metastable: nullable(flag),
});
/** How a variant got over a fault, or a phase of the load. */
export type Recovery = Final<Static<typeof Recovery>>;
