import { measure, none } from '#lab/report/format.ts';
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
    lead: status === 'invalid' ? 'Shown for information: an invalid measurement gives no verdict.' : null,
    body: table({
      caption: 'What must hold, and both sides as measured',
      of: 'numbers',
      head: ['Hypothesis', 'Left', 'Right', 'Verdict'],
      rows: hypotheses.map((hypothesis) => [
        html`<code>${hypothesis.text}</code>${hypothesis.reason !== undefined && html`<br><small>${hypothesis.reason}</small>`}`,
        ...sides(hypothesis),
        verdictMark(hypothesis.ok, hypothesis.ok ? 'holds' : 'fails'),
      ]),
    }),
  };
}

/** Both sides in the unit of the metric that the text compares. */
export function sides({ text, left, right }: HypothesisResult): [string, string] {
  const unit = isDuration(text) ? 'ms' : '';
  return [left, right].map((value) => (value === null ? none : measure(value, unit))) as [string, string];
}

/** Percentiles and other durations are named so, or compared with a number that has a unit of time. */
const isDuration = (text: string): boolean => /^\s*p\d|\d\s*(ms|s|min)\b|Ms\b/.test(text);
