import type { Bench } from '#lab/conform/bench.ts';
import type { Profile } from '#lab/conform/probes.ts';

/** `none`: the client lacks the policy. `unknown`: it was not measured, or a scenario didn't show it. */
export type Verdict = 'safe' | 'unsafe' | 'none' | 'unknown';

export interface Observed {
  readonly verdict: Verdict;
  /** Behaviour of the client. */
  readonly text: string;
}

/** Observes a fresh client. Does nothing with the bench if the profile tells all. */
export type Scenario = (bench: Bench, profile: Profile) => Promise<Observed>;

export interface Fact {
  readonly title: string;
  readonly safe: string;
  /** Number of instances of the client. @default 1 */
  readonly instances?: number;
  readonly scenarios: readonly Scenario[];
}

export const none = (text: string): Observed => ({ verdict: 'none', text });
export const unknown = (text: string): Observed => ({ verdict: 'unknown', text });

export const judged = (isSafe: boolean, text: string, otherwise = text): Observed =>
  isSafe ? { verdict: 'safe', text } : { verdict: 'unsafe', text: otherwise };
