import { Type } from '#kit/schema/type.ts';
import { Overhead } from '#lab/evidence/simulations.ts';
import { list, nullable, number, object, text } from '#lab/experiment/schema-helpers.ts';

/** Simulations of the experiment beside the measurement. */
export const Simulations = object(
  {
    seeds: list(number(), 'Simulated seeds; none if nothing was simulated.'),
    reason: Type.Optional(text('Sentence: why nothing was simulated.')),
    acquitted: Type.Optional(
      list(text(), 'Hypotheses whose verdict simulations with the stalls of the run did not change.'),
    ),
    variants: list(
      object({
        name: text(),
        overhead: nullable(Overhead, 'Overhead per hop, fitted from the evidence; null if unknown.'),
        reason: Type.Optional(text('Sentence: why the variant was not simulated.')),
      }),
    ),
  },
  'The same experiment simulated after the run, see [simulate](../how-to/simulate.md). Its figures have the source `ideal` or `simulated`.',
);
