import type { Result } from '#lab/judge/result/result.ts';
import { type Conclusion, conclusionsOf } from '#lab/show/conclusion/conclusions.ts';
import { shownWords } from '#lab/show/conclusion/words.ts';
import { html } from '#lab/show/html.ts';
import type { Section } from './section.ts';

const icons: Record<Conclusion['tone'], string> = { bad: '!', note: 'i' };

export function conclusionsSection(result: Result): Section | null {
  const all = conclusionsOf(result);
  if (all.length === 0) return null;
  return {
    lead: 'By rules, from the figures of this run. Another run may lead to other sentences.',
    body: html`<div class="conclusions">${all.map(
      ({ tone, title, points }) =>
        html`<article class="conclusion ${tone}"><h3><span class="tone" aria-hidden="true">${icons[tone]}</span>${title}</h3>
<ul>${points.map((words) => html`<li>${shownWords(result, words)}</li>`)}</ul></article>
`,
    )}</div>`,
  };
}
