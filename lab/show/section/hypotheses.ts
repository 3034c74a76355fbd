import type { HypothesisResult } from '#lab/experiment/hypothesis/hypothesis-result.ts';
import { isClose, sidesText } from '#lab/judge/hypotheses/sides-text.ts';
import type { Result } from '#lab/judge/result/result.ts';
import { inNumber, plural } from '#lab/kit/text/format.ts';
import { titleMetrics } from '#lab/show/answer.ts';
import { html, type Part } from '#lab/show/html.ts';
import { type Section, table, verdictMark } from './section.ts';

/** Maximum number of unfolded rows. Hypotheses that failed or held by a small margin are unfolded in any case. */
const openMax = 8;

export function hypothesesSection(result: Result): Section | null {
  const ofTitle = titleMetrics(result).map((name) => `${name}(`);
  const interest = (hypothesis: HypothesisResult) =>
    interestOf(hypothesis) + (ofTitle.some((term) => hypothesis.text.includes(term)) ? -0.5 : 0);
  const all = result.hypotheses.toSorted((a, b) => interest(a) - interest(b));
  if (all.length === 0) return null;
  const first = Math.max(openMax, all.filter((hypothesis) => interestOf(hypothesis) < 2).length);
  const rest = all.slice(first);
  return {
    lead:
      result.rounds !== undefined &&
      'A hypothesis holds if its inequality holds in the whole 95 % interval of the mean. A hypothesis with == must hold in every round.',
    body: [
      hypothesesTable('What must hold, and what was measured', all.slice(0, first)),
      rest.length > 0 &&
        html`<details><summary>${plural(rest.length, 'more hypothesis')}${rest.every(({ ok }) => ok) && ` ${inNumber(rest.length, 'holds', 'hold')}`}</summary>${hypothesesTable('More that must hold', rest)}</details>`,
    ],
  };
}

const hypothesesTable = (caption: string, some: Result['hypotheses']): Part =>
  table({
    caption,
    head: ['Hypothesis', 'Verdict', 'Measured, and needed'],
    rows: some.map((hypothesis) => [
      html`<code>${wholeNames(hypothesis.text)}</code>`,
      verdictMark(hypothesis.ok, wordOf(hypothesis)),
      sidesText(hypothesis),
    ]),
  });

/** Keeps a name with hyphens on one line if there is room. */
const wholeNames = (text: string): Part =>
  text
    .split(/(\w+(?:-\w+)+)/)
    .map((part, index) => (index % 2 === 1 ? html`<span class="whole">${part}</span>` : part));

/** Ranks a hypothesis: first those that failed, then that held by a small margin, those that were not judged, the others. */
function interestOf(hypothesis: HypothesisResult): number {
  if (hypothesis.ok === false) return 0;
  if (hypothesis.ok === null) return 2;
  return isClose(hypothesis) ? 1 : 3;
}

function wordOf(hypothesis: HypothesisResult): string {
  if (hypothesis.ok === null) return 'not judged';
  if (!hypothesis.ok) return 'fails';
  return isClose(hypothesis) ? 'holds by a small margin' : 'holds';
}
