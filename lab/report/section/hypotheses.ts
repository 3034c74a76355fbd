import { HypothesisError, parseHypothesis } from '#lab/experiment/grammar.ts';
import { metrics } from '#lab/experiment/metrics.ts';
import { measure } from '#lab/report/format.ts';
import { html } from '#lab/report/html.ts';
import type { HypothesisResult, Result } from '#lab/result.ts';
import { type Section, table, verdictMark } from './section.ts';

/** What had to hold, and what was measured on both sides. */
export function hypothesesSection({ hypotheses, status }: Result): Section | null {
  if (hypotheses.length === 0) return null;
  return {
    id: 'hypotheses',
    short: 'Hypotheses',
    title: 'Hypotheses',
    lead: status === 'invalid' && 'Shown for information: an invalid measurement gives no verdict.',
    body: table({
      caption: 'What must hold, and both sides as measured',
      of: 'numbers',
      head: ['Hypothesis', 'Verdict', 'Left', 'Right'],
      rows: hypotheses.map((hypothesis) => [
        html`<code>${hypothesis.text}</code>${hypothesis.reason !== undefined && html`<br><small>${hypothesis.reason}</small>`}`,
        verdictMark(hypothesis.ok, hypothesis.ok ? 'holds' : 'fails'),
        ...sides(hypothesis),
      ]),
    }),
  };
}

/** Both sides' values in the unit of the metric that they are about. */
export function sides({ text, left, right }: HypothesisResult): [string, string] {
  const unit = unitOf(text) === 'ms' ? 'ms' : '';
  return [measure(left, unit), measure(right, unit)];
}

function unitOf(text: string): string {
  try {
    const { left, right } = parseHypothesis(text);
    const term = 'metric' in left ? left : right;
    return 'metric' in term ? metrics[term.metric].unit : '';
  } catch (error) {
    // Another version's grammar: its numbers can still be shown as they are.
    if (error instanceof HypothesisError) return '';
    throw error;
  }
}
