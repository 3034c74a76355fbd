import type { Static, TObject } from 'typebox';
import type { Deliver } from '#downstream/answer.ts';
import type { ModelOutcome } from '#downstream/models/model.ts';
import type { Clock } from '#kit/clock.ts';
import type { Problem } from '#kit/schema/problems.ts';

/** What becomes of an attempt under a fault: besides its fate, the status of its failure, and how its answer goes out. */
export interface Course extends ModelOutcome {
  readonly status?: number;
  /** Not for a caller who has gone by then: a fault would hold what it never hears the end of. */
  readonly deliver?: Deliver;
}

/** A fault in force. What it leaves out stays as it is. */
export interface Harm {
  /** What the model takes for the attempts in flight. */
  inFlight?(count: number): number;
  /** Another course for an attempt; `draw` decides chance by purpose, the same in every run. */
  course?(course: Course, draw: (purpose: string) => number, id: string): Course;
  /** Takes hold of the process, for so long. */
  begin?(leaseMs: number): void;
  /** Lets go of whatever it holds. */
  end?(): void;
}

/** One kind of fault: its options, and what it does. */
export interface Kind<S extends TObject> {
  readonly options: S;
  /** What reports say of downstream. */
  readonly done: string;
  /** Whether downstream stands still. */
  readonly halts?: boolean;
  /** Whether it decides how the answer goes out, whatever such faults before it have decided. */
  readonly answers?: boolean;
  /** Whether of the attempts that it is meant for it strikes `some` by what they are, or `none` but the process; if unset, all. */
  readonly affects?: 'some' | 'none';
  /** What is wrong with options beyond what their schema can say. */
  readonly problems?: (options: Static<S>) => Problem[];
  create(options: Static<S>, clock: Clock): Harm;
}

/** Lets the compiler infer the type of the options. */
export const kind = <S extends TObject>(fault: Kind<S>): Kind<S> => fault;
