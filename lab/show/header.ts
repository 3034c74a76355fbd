import type { Result, Status } from '#lab/judge/result/result.ts';
import { plural, utc } from '#lab/kit/text/format.ts';
import { findingOf } from './conclusion/finding.ts';
import { shownWords } from './conclusion/words.ts';
import { Html, html, jsonElement, type Part } from './html.ts';
import { markdownOf } from './markdown.ts';
import type { Section } from './section/section.ts';
import { verdictOf } from './verdict.ts';

const icons: Record<Status, string> = {
  held: '<path d="M7 12.5l3.5 3.5L17 8.5"/>',
  measured: '<path d="M7.5 16.5v-4M12 16.5v-9M16.5 16.5v-6"/>',
  failed: '<path d="M8 8l8 8M16 8l-8 8"/>',
  invalid: '<path d="M12 6.5v7M12 17v.2"/>',
  error: '<path d="M13 5l-5 8h4l-1 6 5-8h-4z"/>',
  interrupted: '<path d="M9.5 8v8M14.5 8v8"/>',
};

/** Renders the question, the verdict with its reasons, and the finding. */
export function header(result: Result): Html {
  const { experiment, label, status } = result;
  const { word, sentence, reasons, broken } = verdictOf(result);
  const unfolded = status === 'invalid' ? causeMax : reasons.length;
  const listed = [...broken, ...reasons.slice(0, unfolded)];
  const rest = reasons.slice(unfolded);
  return html`<header id="top">
<div class="crumb"><span><strong>Spillway</strong> · ${experiment.name}${label !== undefined && html` · <strong>${label}</strong>`} · ${seeds(result)} · <time datetime="${result.startedAt}">${utc(result.startedAt)}</time></span>
<button type="button" id="copy" hidden>Copy as Markdown</button></div>
<h1>${experiment.title}</h1>
<div class="verdict ${status}" id="verdict">
<p class="word"><svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="11"/>${new Html(icons[status])}</svg>${word}</p>
<div><p>${sentence}</p>${listOf(listed)}${rest.length > 0 && html`<details><summary>${plural(rest.length, 'more reason')}</summary>${listOf(rest)}</details>`}</div>
</div>
<p class="finding">${findingOf(result).map((words) => html`<span>${shownWords(result, words)}</span> `)}</p>
${jsonElement('markdown', markdownOf(result))}
</header>
`;
}

/** Reasons of an invalid run that are unfolded: the cause, and the command to run again. */
const causeMax = 2;

const listOf = (reasons: readonly string[]): Part =>
  reasons.length > 0 && html`<ul>${reasons.map((reason) => html`<li>${withCode(reason)}</li>`)}</ul>`;

export const aboutSection = ({ experiment: { description } }: Result): Section | null =>
  description.trim() === '' ? null : { body: prose(description) };

function seeds({ experiment, rounds = [] }: Result): string {
  const last = rounds.at(-1)?.seed ?? experiment.seed;
  return last === experiment.seed ? `seed ${last}` : `seeds ${experiment.seed} to ${last}`;
}

const withCode = (text: string): Part =>
  text.split('`').map((piece, i) => (i % 2 === 1 ? html`<code>${piece}</code>` : piece));

/** Renders the paragraphs and the items of the lists in a description. Items begin with `1.` or `-`. */
const prose = (text: string): Part =>
  text
    .split(/\n\s*\n|\n(?=\s*(?:\d+\.|-)\s)/)
    .map((each) => html`<p class="lead">${each.replaceAll(/\s+/g, ' ').trim()}</p>`);
