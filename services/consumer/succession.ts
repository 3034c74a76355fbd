import type { Handle } from './intake.ts';

/** Answers for a delivery that has made no attempt, and resolves with its result. */
export type GoOn = (...delivery: Parameters<Handle>) => Promise<string>;

/** Hands waiting deliveries from one configuration to the next. */
export class Succession {
  #next = Promise.withResolvers<GoOn | undefined>();

  /** Resolves when the next configuration begins; with undefined if it takes no deliveries, so that they must go back. */
  next(): Promise<GoOn | undefined> {
    return this.#next.promise;
  }

  /** A configuration begins that goes on with waiting deliveries, or gives back all of them until the next one begins. */
  begin(goOn: GoOn | undefined): void {
    this.#next.resolve(goOn);
    this.#next = Promise.withResolvers();
    if (!goOn) this.#next.resolve(undefined);
  }
}
