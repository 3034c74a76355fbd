import { number } from '#lab/report/format.ts';
import { html } from '#lab/report/html.ts';
import { named } from '#lab/report/key.ts';
import type { Result } from '#lab/result.ts';
import { type Section, table, verdictMark } from './section.ts';

/** Expected beside measured. */
export function predictionsSection(result: Result): Section | null {
  const rows = result.variants.flatMap((variant) =>
    variant.predictions.map(({ metric, predicted, measured, ok, tolerance, why }, i) => [
      i === 0 ? named(result, variant) : html`<span class="again">${named(result, variant)}</span>`,
      metric,
      html`<span class="figure">${number(predicted)}</span>`,
      html`<span class="figure">${number(measured)}</span>`,
      tolerance,
      verdictMark(ok, ok ? 'agrees' : 'differs'),
      html`<span class="why">${why}</span>`,
    ]),
  );
  if (rows.length === 0) return null;
  return {
    id: 'predictions',
    short: 'Predictions',
    title: 'Predicted and measured',
    lead: 'What was written down before the run, beside what came out. Neither is bent to the other.',
    body: table({
      caption: 'Predicted and measured figures',
      of: 'texts',
      head: ['Variant', 'Figure', 'Predicted', 'Measured', 'Tolerance', 'Agreement', 'Why it differs'],
      rows,
    }),
  };
}
