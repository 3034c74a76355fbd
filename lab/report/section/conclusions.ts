import { caution, injectedFaults, meanwhile, saturation } from '#lab/report/conclusion/caveats.ts';
import type { Conclusion, Rule, Words } from '#lab/report/conclusion/conclusion.ts';
import { breaker, oneOption, onePolicy } from '#lab/report/conclusion/contrasts.ts';
import { backlog, collapse, late, lost, survivors, waste } from '#lab/report/conclusion/losses.ts';
import { crossing, same, winner } from '#lab/report/conclusion/ranking.ts';
import { summary } from '#lab/report/conclusion/summary.ts';
import { html, named, type Part } from '#lab/report/html.ts';
import type { Result } from '#lab/result/result.ts';
import type { Section } from './section.ts';

/** Rules by name, in the order in which a reader needs them. */
const rules: Readonly<Record<string, Rule>> = {
  caution,
  faults: injectedFaults,
  summary: meanwhile(summary),
  winner: meanwhile(winner),
  crossing: meanwhile(crossing),
  lost: meanwhile(lost),
  collapse: meanwhile(collapse),
  breaker: meanwhile(breaker),
  same: meanwhile(same),
  'one-option': meanwhile(oneOption),
  'one-policy': meanwhile(onePolicy),
  late: meanwhile(late),
  backlog: meanwhile(backlog),
  survivors: meanwhile(survivors),
  waste: meanwhile(waste),
  saturation: meanwhile(saturation),
};

/** Returns what a newcomer should learn from a result, each sentence drawn from its numbers. */
export const conclusionsOf = (result: Result): (Conclusion & { rule: string })[] =>
  Object.entries(rules).flatMap(([rule, of]) => of(result).map((each) => ({ rule, ...each })));

/** Rules whose first sentences make the finding. */
const findings: readonly string[] = ['summary', 'collapse'];

/** Says in at most two sentences who completes the load in time, and who collapses. */
export const findingOf = (result: Result): Words[] =>
  conclusionsOf(result).flatMap(({ rule, points: [first] }) =>
    first && findings.includes(rule) ? [firstSentence(first)] : [],
  );

function firstSentence(words: Words): Words {
  const at = words.findIndex((word) => typeof word === 'string' && /\. /.test(word));
  if (at < 0) return words;
  const last = (words[at] as string).replace(/\. .*/s, '.');
  return [...words.slice(0, at), last];
}

const icons: Record<Conclusion['tone'], string> = { good: '✓', bad: '!', note: 'i' };

export function conclusionsSection(result: Result): Section | null {
  const conclusions = conclusionsOf(result);
  if (conclusions.length === 0) return null;
  return {
    lead: 'Each sentence follows from the figures of this run by a rule. Another run may give others.',
    body: html`<div class="conclusions">${conclusions.map(({ rule, tone, title, points }) => {
      const texts = points.map((words) => shownWords(result, words));
      return html`<article class="conclusion ${tone}" data-rule="${rule}"><h3><span class="tone" aria-hidden="true">${icons[tone]}</span>${title}</h3>
${texts.length === 1 ? html`<p>${texts}</p>` : html`<ul>${texts.map((text) => html`<li>${text}</li>`)}</ul>`}</article>
`;
    })}</div>`,
  };
}

/** Renders words with the badges of their variants. */
export const shownWords = (result: Result, words: Words): Part =>
  words.map((word) => (typeof word === 'string' ? word : named(result, word)));
