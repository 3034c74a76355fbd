import { missingIn, roundsOf } from '#lab/analysis/statistics/change.ts';
import { variantNames } from '#lab/analysis/statistics/estimates.ts';
import { configured } from '#lab/result/facts.ts';
import type { Result } from '#lab/result/result.ts';
import { changedKeys } from '#lab/text/flatten.ts';
import { duration, none, rate } from '#lab/text/format.ts';

/** Circumstances that may differ between two runs, and the consequence for their figures. */
const circumstances: readonly [what: string, of: (result: Result) => string, consequence: string][] = [
  ['experiment', ({ experiment }) => experiment.name, ''],
  ['deadline', ({ experiment }) => duration(experiment.deadlineMs), ', so goodput is not comparable'],
  [
    'capacity',
    ({ capacity }) => (capacity ? rate(capacity.perSecond) : none),
    ', so the load was scaled differently',
  ],
  [
    'factor of slow motion',
    ({ slowMotion }) => String(slowMotion?.factor ?? 1),
    ', so the cost of a call on this machine has a different weight',
  ],
  ['seed', ({ experiment }) => String(experiment.seed), ', so arrivals and draws differ'],
  [
    'treatment',
    ({ withoutFaults }) => (withoutFaults ? 'a control without faults' : 'the faults of the experiment'),
    ', so the faults may cause the differences',
  ],
  ['number of rounds', ({ rounds }) => String(rounds?.length ?? 1), ''],
  ['machine', ({ machine }) => `${machine.cpus} × ${machine.cpuModel}`, ''],
  ['version of Spillway', ({ spillway }) => spillway, ''],
];

/** Lists the differences between two runs besides their figures, a sentence each. */
export function differences(before: Result, after: Result): string[] {
  const others = circumstances.flatMap(([what, of, consequence]) => {
    const [a, b] = [of(before), of(after)];
    return a === b ? [] : `Another ${what}: ${a} before, ${b} after${consequence}.`;
  });
  const isSame = before.experiment.name === after.experiment.name;
  if (isSame && before.experiment.source !== after.experiment.source)
    others.push('The experiment was edited between the runs.');
  return [
    ...others,
    ...lone(before, after),
    ...configured(before).flatMap(({ name, config }) => {
      const other = configured(after).find((variant) => variant.name === name)?.config ?? config;
      // The seed is the experiment's.
      const changed = changedKeys(config, other).filter((key) => !/(^|\.)seed$/.test(key));
      return changed.length > 0 ? `${name} has another configuration: ${changed.join(', ')}.` : [];
    }),
  ];
}

/** Names the variants that only one of two runs has. */
function lone(before: Result, after: Result): string[] {
  const gone = missingIn(after, before);
  if (gone.length > 0 && gone.length === variantNames(roundsOf(before)).length)
    return ['No variant is in both runs, so nothing is compared.'];
  return Object.entries({ before: gone, after: missingIn(before, after) })
    .filter(([, names]) => names.length > 0)
    .map(([side, names]) => `Only ${side}, so compared with nothing: ${names.join(', ')}.`);
}
