import { contradictions } from '#downstream/config.ts';
import { escapePointer, within } from '#kit/schema/problems.ts';
import type { LocatedProblem } from '#lab/experiment/file/source.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import type { ValidParts } from '#lab/experiment/valid-parts.ts';

type Dependency = Experiment['downstream'];

/** Dependencies that contradict themselves, or that a fault can't do anything to. */
export function dependencies(experiment: ValidParts): LocatedProblem[] {
  return [
    ...dependenciesOf(experiment).flatMap(([pointer, dependency]) =>
      within(pointer, contradictions(dependency)),
    ),
    ...brownouts(experiment),
  ];
}

/** The experiment's, and those of variants that have one of their own. */
function dependenciesOf({ downstream, variants = {} }: ValidParts): [string, Dependency][] {
  const own = Object.entries(variants).flatMap(([name, variant]): [string, Dependency][] =>
    variant?.downstream
      ? [[`/variants/${escapePointer(name)}/downstream`, variant.downstream as Dependency]]
      : [],
  );
  return downstream ? [['/downstream', downstream as Dependency], ...own] : own;
}

/** They weigh what is in flight, which only one model looks at. */
function brownouts(experiment: ValidParts): LocatedProblem[] {
  const other = dependenciesOf(experiment).find(([, { model }]) => model.kind !== 'congestion');
  if (!other) return [];
  const [pointer, { model }] = other;
  return (experiment.faults ?? []).flatMap((fault, index) =>
    fault?.fault.kind === 'brownout'
      ? [
          {
            pointer: `/faults/${index}/fault/kind`,
            elsewhere: `${pointer}/model`,
            message: `expected a downstream with the model congestion, got ${model.kind}, which has no capacity to lose`,
          },
        ]
      : [],
  );
}
