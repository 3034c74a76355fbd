import { type Static, Type } from 'typebox';
import { type Final, flag, nullable, number, object, text } from './schema-helpers.ts';

/** Times since the first due time. */
export const Span = object({ fromMs: number, untilMs: number });
export type Span = Final<Static<typeof Span>>;

export const FaultResult = object({
  name: text,
  target: text,
  /** `killed`, `paused` … */
  done: text,
  /** Whether the variant's requests pass the target. */
  onPath: flag,
  asked: Span,
  /** When it was really in force; null when it never was. */
  took: nullable(Span),
  /** Attempts that it struck; null where nobody counts them. Missing in results from before. */
  affected: Type.Optional(nullable(number)),
});
/** A fault in one variant. */
export type FaultResult = Final<Static<typeof FaultResult>>;

/** What is done to a target in a run without faults. */
export const leftAlone = 'left alone';

export const RedriveResult = object({
  /** As it was asked for. */
  atMs: number,
  ratePerSecond: number,
  /** Null when all was over before its time. */
  took: nullable(Span),
  /** Events sent again; one that dies again and is redriven again counts again. */
  redriven: number,
  /** Letters that it did not come to. */
  left: number,
  /** Why it ended early, where something failed. */
  failure: nullable(text),
});
/** A redrive of dead letters in one variant. */
export type RedriveResult = Final<Static<typeof RedriveResult>>;

/** Time in which a process did nothing for requests, or in which the generator sent them late. */
export const StallResult = object({
  process: text,
  ...Span.properties,
  /** CPU time that the process used in it; 0 where it sent late. */
  cpuMs: number,
  /** It used the CPU itself; it was stopped or had no CPU; or it sent late without having stood still. */
  cause: Type.Enum(['saturated', 'stopped', 'late']),
  /** Scheduled in it, or ended in it or just after. */
  requests: number,
});
export type StallResult = Final<Static<typeof StallResult>>;
