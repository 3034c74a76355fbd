import type { Static, TObject } from 'typebox';
import type { Deliver } from '#downstream/answer.ts';
import type { ModelOutcome } from '#downstream/models.ts';
import type { Draw } from '#downstream/times.ts';
import type { Clock } from '#kit/clock.ts';
import type { FaultKind } from '#kit/fault/fault-kind.ts';
import { ClassName, integer, number } from '#kit/schema/schema.ts';

export interface AttemptOutcome extends ModelOutcome {
  /** Not called for a disconnected caller: a fault would wait for a 'close' event that has already passed. */
  readonly deliver?: Deliver;
}

/** Effect of an active fault. Aspects without a method stay unchanged. */
export interface FaultEffect {
  /** Attempts in flight as the model sees them. */
  inFlight?(count: number): number;
  /** Returns the same object if the attempt isn't affected. */
  outcome?(outcome: AttemptOutcome, draw: Draw, id: string): AttemptOutcome;
  readonly deliver?: Deliver;
  begin?(leaseMs: number): void;
  end?(): void;
}

/** Stops the process for a time in ms. */
export type Halt = (ms: number) => void;

export interface ApplicationFault<S extends TObject> extends FaultKind<S> {
  create(options: Static<S>, clock: Clock, halt: Halt): FaultEffect;
}

/** Declares a fault whose attempts are counted, unless it says otherwise. */
export const applicationFault = <S extends TObject>(fault: ApplicationFault<S>): ApplicationFault<S> => ({
  isCounted: true,
  ...fault,
});

export const ms = (description: string) => number({ from: 0, to: 3_600_000 }, description);

export const status = integer({ from: 400, to: 599, default: 500 }, 'HTTP status of the answer.');

/** Fields that limit a fault to some attempts. */
export const scope = {
  ratio: number(
    { above: 0, to: 1, default: 1 },
    'Share of attempts that the fault affects, drawn by the seed.',
  ),
  class: ClassName('Affects only requests of this class.'),
};
