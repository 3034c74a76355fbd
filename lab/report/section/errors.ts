import { html } from '#lab/report/html.ts';
import { named } from '#lab/report/key.ts';
import { errorsOf } from '#lab/result/facts.ts';
import type { Result } from '#lab/result/result.ts';
import { count, duration } from '#lab/text/format.ts';
import { type Section, table, under } from './section.ts';

/** Section with the first errors, by outcome. */
export function errorsSection(result: Result): Section | null {
  const rows = result.variants.flatMap((variant) =>
    under(
      named(result, variant),
      errorsOf(variant).map(({ outcome, reason, count: requests, firstAtMs }) => [
        outcome,
        html`<span class="why">${reason}</span>`,
        count(requests),
        duration(firstAtMs),
      ]),
    ),
  );
  if (rows.length === 0) return null;
  return {
    id: 'errors',
    title: 'First errors',
    lead: `What the generator was answered, or why it got no answer: up to three reasons of each outcome that differ in more than numbers. Times count from the first due time.${realTime(result)}`,
    body: table({
      caption: 'The first errors of each outcome',
      head: ['Variant', 'Outcome', 'Reason', 'Requests', 'First at'],
      rows,
    }),
  };
}

/** Reasons are the services' own texts, which slow motion doesn't convert. */
const realTime = ({ slowMotion }: Result): string =>
  slowMotion ? ` Times within a reason are real time, ${slowMotion.factor} times as long.` : '';
