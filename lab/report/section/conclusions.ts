import { caution, injectedFaults, possibleCause, saturation } from '#lab/report/conclusion/caveats.ts';
import type { Conclusion, Rule, Words } from '#lab/report/conclusion/conclusion.ts';
import { breaker, oneOption, onePolicy } from '#lab/report/conclusion/contrasts.ts';
import { backlog, collapse, late, lost, survivors, waste } from '#lab/report/conclusion/losses.ts';
import { recovery } from '#lab/report/conclusion/recovery.ts';
import { summary } from '#lab/report/conclusion/summary.ts';
import { type Html, html, named, type Part } from '#lab/report/html.ts';
import type { Result } from '#lab/result/result.ts';
import { plural } from '#lab/text/format.ts';
import type { Section } from './section.ts';

/** Rules by name, the most important first, since the report shows only the first conclusions unfolded. */
const rules: Readonly<Record<string, Rule>> = {
  caution,
  lost,
  recovery,
  collapse,
  breaker,
  'one-option': oneOption,
  'one-policy': onePolicy,
  backlog,
  summary,
  late,
  survivors,
  waste,
  faults: injectedFaults,
  saturation,
};

/** Returns the conclusions of all rules, with the name of their rule. */
export const conclusionsOf = (result: Result): (Conclusion & { rule: string })[] =>
  Object.entries(rules).flatMap(([rule, of]) => of(result).map((each) => ({ rule, ...each })));

const icons: Record<Conclusion['tone'], string> = { good: '✓', bad: '!', note: 'i' };

/** Maximum number of unfolded conclusions. */
const openMax = 5;

export function conclusionsSection(result: Result): Section | null {
  const conclusions = conclusionsOf(result).map((each) => article(result, each));
  if (conclusions.length === 0) return null;
  const rest = conclusions.slice(openMax);
  const cause = possibleCause(result);
  return {
    lead: [
      cause && `${cause} `,
      result.rounds
        ? 'Each sentence follows from the means over the rounds; for times of recovery, from the medians. A difference counts only if chance does not explain it.'
        : 'Each sentence follows from the figures of this run by a rule. Another run may lead to other sentences.',
    ],
    body: [
      html`<div class="conclusions">${conclusions.slice(0, openMax)}</div>`,
      rest.length > 0 &&
        html`<details><summary>${plural(rest.length, 'more conclusion')}</summary><div class="conclusions">${rest}</div></details>`,
    ],
  };
}

function article(result: Result, { rule, tone, title, points }: Conclusion & { rule: string }): Html {
  const texts = points.map((words) => shownWords(result, words));
  return html`<article class="conclusion ${tone}" data-rule="${rule}"><h3><span class="tone" aria-hidden="true">${icons[tone]}</span>${title}</h3>
${texts.length === 1 ? html`<p>${texts}</p>` : html`<ul>${texts.map((text) => html`<li>${text}</li>`)}</ul>`}</article>
`;
}

/** Renders a text; its variants appear with their badges. */
export const shownWords = (result: Result, words: Words): Part =>
  words.map((word) => (typeof word === 'string' ? word : named(result, word)));
