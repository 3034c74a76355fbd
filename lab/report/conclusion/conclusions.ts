import type { Result } from '#lab/result/result.ts';
import { caution, saturation } from './caution.ts';
import { collapse } from './collapse.ts';
import type { Conclusion, Rule } from './conclusion.ts';
import { crossing } from './crossing.ts';
import { faults, meanwhile } from './faults.ts';
import { backlog, late, lost, survivors, waste } from './losses.ts';
import { breaker, oneOption, onePolicy } from './policies.ts';
import { prediction } from './prediction.ts';
import { same } from './same.ts';
import { summary } from './summary.ts';
import { winner } from './winner.ts';

/** How to read the rest. */
const before: readonly Rule[] = [caution, faults];

/** In the order in which a reader needs them. */
const rules: readonly Rule[] = [
  summary,
  winner,
  crossing,
  lost,
  collapse,
  breaker,
  same,
  oneOption,
  onePolicy,
  late,
  backlog,
  survivors,
  waste,
  saturation,
];

/** About the whole run, faults and all. */
const after: readonly Rule[] = [prediction];

/** What a newcomer should take from a result, each sentence drawn from its numbers. */
export const conclusionsOf = (result: Result): Conclusion[] =>
  [...before, ...rules.map(meanwhile), ...after].flatMap((rule) => rule(result));
