import type { Fact } from './facts/fact.ts';
import { halfOpen } from './facts/half-open.ts';
import { retries } from './facts/retries.ts';
import { work } from './facts/work.ts';

const all = { ...halfOpen, ...work, ...retries };

export type FactName = keyof typeof all;

/** Facts by their names, in the order in which they are shown. */
export const facts: Readonly<Record<FactName, Fact>> = all;

export const factNames = Object.keys(facts) as FactName[];
