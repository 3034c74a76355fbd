import { sidesText } from '#lab/analysis/hypotheses/sides-text.ts';
import { html, type Part } from '#lab/report/html.ts';
import { noVerdict } from '#lab/report/verdict.ts';
import type { HypothesisResult, Result } from '#lab/result/result.ts';
import { type Section, table, verdictMark } from './section.ts';

/** What had to hold, and what was measured. */
export function hypothesesSection({ hypotheses, status, rounds }: Result): Section | null {
  if (hypotheses.length === 0) return null;
  return {
    id: 'hypotheses',
    short: 'Hypotheses',
    title: 'Hypotheses',
    lead: [
      status === 'invalid' && `${noVerdict} `,
      rounds !== undefined &&
        'Over rounds a hypothesis holds when the whole interval of the mean does, so that it is not luck; one with == must hold in every round.',
    ],
    body: table({
      caption: 'What must hold, and what was measured',
      of: 'texts',
      head: ['Hypothesis', 'Verdict', 'Measured'],
      rows: hypotheses.map((hypothesis) => [
        html`<code>${wholeNames(hypothesis.text)}</code>`,
        verdictMark(hypothesis.ok, wordOf(hypothesis)),
        sidesText(hypothesis),
      ]),
    }),
  };
}

/** Keeps names with hyphens on one line, where they fit. */
const wholeNames = (text: string): Part =>
  text
    .split(/(\w+(?:-\w+)+)/)
    .map((part, index) => (index % 2 === 1 ? html`<span class="whole">${part}</span>` : part));

function wordOf({ ok }: HypothesisResult): string {
  if (ok === null) return 'not judged';
  return ok ? 'holds' : 'fails';
}
