import { variantNames } from '#lab/analysis/statistics/estimates.ts';
import { measuredVariants } from '#lab/result/facts.ts';
import type { Result, Status } from '#lab/result/result.ts';
import { count, duration, share, utc } from '#lab/text/format.ts';
import { leadersOf } from './conclusion/difference.ts';
import { Html, html, type Part } from './html.ts';
import { named } from './key.ts';
import { verdictOf } from './verdict.ts';

const icons: Record<Status, string> = {
  held: '<path d="M7 12.5l3.5 3.5L17 8.5"/>',
  measured: '<path d="M7.5 16.5v-4M12 16.5v-9M16.5 16.5v-6"/>',
  failed: '<path d="M8 8l8 8M16 8l-8 8"/>',
  invalid: '<path d="M12 6.5v7M12 17v.2"/>',
  error: '<path d="M13 5l-5 8h4l-1 6 5-8h-4z"/>',
  interrupted: '<path d="M9.5 8v8M14.5 8v8"/>',
};

/** Renders the verdict and whether it can be trusted, then the question. */
export function header(result: Result): Html {
  const { experiment, status } = result;
  const { word, sentence, reasons } = verdictOf(result);
  return html`<header id="top">
<p class="crumb"><strong>Spillway</strong> · ${experiment.name} · ${seeds(result)} · <time datetime="${result.startedAt}">${utc(result.startedAt)}</time></p>
<div class="verdict ${status}" id="verdict">
<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="11"/>${new Html(icons[status])}</svg>
<div><p class="word">${word}</p><p>${sentence}</p>${reasons.length > 0 && html`<ul>${reasons.map((reason) => html`<li>${withCode(reason)}</li>`)}</ul>`}</div>
</div>
<h1>${experiment.title}</h1>
${prose(experiment.description)}
${tiles(result)}
</header>
`;
}

function seeds({ experiment, rounds = [] }: Result): string {
  const last = rounds.at(-1)?.seed ?? experiment.seed;
  return last === experiment.seed ? `seed ${last}` : `seeds ${experiment.seed} to ${last}`;
}

function tiles(result: Result): Part {
  const variants = measuredVariants(result);
  const best = leadersOf(variants);
  const passed = result.validity.filter((check) => check.ok).length;
  const offered = [...new Set(variants.map((variant) => variant.offered))];
  const facts: [string, Part][] = [
    ['Rounds', result.rounds !== undefined && count(result.rounds.length)],
    ['Variants', count(result.rounds ? variantNames(result.rounds).length : result.variants.length)],
    ['Requests each', offered.length > 0 && offered.map(count).join(' / ')],
    ['Deadline', duration(result.experiment.deadlineMs)],
    [
      'Slow motion',
      result.slowMotion !== undefined && html`× ${count(result.slowMotion.factor)} <small>slower</small>`,
    ],
    [
      'Best goodput',
      best[0] !== undefined &&
        html`${share(Math.max(...best.map(({ goodput }) => goodput)))} <small>${best.length === 1 ? named(result, best[0]) : `a tie of ${best.length}`}</small>`,
    ],
    [
      'Validity checks',
      result.validity.length > 0 &&
        html`${count(passed)} <small>of ${count(result.validity.length)} passed</small>`,
    ],
    ['Whole run', html`${duration(result.durationMs)} <small>with start and stop</small>`],
  ];
  return html`<dl class="tiles">${facts.map(([name, value]) => value && html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/** Renders text between backticks as code. */
const withCode = (text: string): Part =>
  text.split('`').map((piece, i) => (i % 2 === 1 ? html`<code>${piece}</code>` : piece));

/** Renders the description of an experiment: paragraphs between empty lines, and lists of lines that begin with `1.` or `-`. */
export function prose(text: string): Part {
  return text.split(/\n\s*\n/).map(block);
}

function block(text: string): Part {
  // A new item or the first line begins where a marker stands; other lines go on with the one before.
  const pieces = text.trim().split(/\n(?=\s*(?:\d+\.|-)\s)/);
  const item = /^\s*(?:\d+\.|-)\s+/;
  const words = pieces.filter((piece) => !item.test(piece) && piece.trim() !== '').map(joined);
  const items = pieces.filter((piece) => item.test(piece)).map((piece) => joined(piece.replace(item, '')));
  const numbered = pieces.some((piece) => /^\s*\d/.test(piece));
  const list = items.map((each) => html`<li>${each}</li>`);
  return [
    words.map((each) => html`<p class="lead">${each}</p>`),
    items.length > 0 &&
      (numbered ? html`<ol class="lead">${list}</ol>` : html`<ul class="lead">${list}</ul>`),
  ];
}

const joined = (lines: string): string => lines.trim().replace(/\s*\n\s*/g, ' ');
