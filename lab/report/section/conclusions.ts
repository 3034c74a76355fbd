import type { Conclusion, Words } from '#lab/report/conclusion/conclusion.ts';
import { conclusionsOf } from '#lab/report/conclusion/conclusions.ts';
import { html, type Part } from '#lab/report/html.ts';
import { named } from '#lab/report/key.ts';
import type { Result } from '#lab/result/result.ts';
import type { Section } from './section.ts';

const icons: Record<Conclusion['tone'], string> = { good: '✓', bad: '!', note: 'i' };

export function conclusionsSection(result: Result): Section | null {
  const conclusions = conclusionsOf(result);
  if (conclusions.length === 0) return null;
  return {
    lead: 'Each sentence follows from the figures of this run by a rule. Another run may give others.',
    body: html`<div class="conclusions">${conclusions.map(({ rule, tone, title, points }) => {
      const texts = points.map((words) => inline(result, words));
      return html`<article class="conclusion ${tone}" data-rule="${rule}"><h3><span class="tone" aria-hidden="true">${icons[tone]}</span>${title}</h3>
${texts.length === 1 ? html`<p>${texts}</p>` : html`<ul>${texts.map((text) => html`<li>${text}</li>`)}</ul>`}</article>
`;
    })}</div>`,
  };
}

const inline = (result: Result, words: Words): Part =>
  words.map((word) => (typeof word === 'string' ? word : named(result, word)));
