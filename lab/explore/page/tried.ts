import { assetFile } from '#kit/process/installation.ts';
import { figureShown } from '#lab/experiment/hypothesis/metric-name.ts';
import { describePoint, type Point } from '#lab/explore/space.ts';
import type { Trial } from '#lab/explore/trial.ts';
import { asset, renderDocument } from '#lab/report/document.ts';
import { html, jsonElement } from '#lab/report/html.ts';
import { renderFolded, renderSection, table, verdictMark } from '#lab/report/section/section.ts';
import { utc } from '#lab/text/format.ts';

/** Search for a point, as a page. */
export interface TriedPage {
  readonly version: string;
  readonly kind: 'tune' | 'search';
  readonly experiment: Readonly<{ name: string; title: string; source: string }>;
  readonly startedAt: string;
  readonly command: string;
  /** Result in a sentence. */
  readonly finding: string;
  /** Hypotheses that each trial had to meet. */
  readonly required: readonly string[];
  /** Warning about the found point, with a list. */
  readonly warning?: { readonly text: string; readonly of: readonly string[] };
  readonly paths: readonly { readonly path: string }[];
  /** Metric that is minimized or maximized, as in `p99(budget)`. */
  readonly metric?: string | undefined;
  /** In the order of the search. */
  readonly trials: readonly Trial[];
  readonly found: Point | undefined;
  /** Changed file, if one was found. */
  readonly changed: string | undefined;
}

/** When a point holds, by the shares of `tune` and `search`, and which trials lack seeds. */
const rules = {
  tune: 'A point holds if everything required holds for at least 95 % of the seeds. A trial that fails stops early.',
  search:
    'A point fails if the hypothesis fails for at least 80 % of the seeds. A trial that holds stops early.',
};

/** Renders the way of a search as a page. */
export function renderTriedPage(page: TriedPage): string {
  const {
    version,
    kind,
    experiment,
    startedAt,
    command,
    finding,
    required,
    warning,
    paths,
    metric,
    trials,
    found,
    changed,
  } = page;
  const isFound = (point: Point) =>
    found !== undefined && point.every((value, index) => value === found[index]);
  const top = html`<header id="top">
<div class="crumb"><span><strong>Spillway</strong> · ${experiment.name} · ${kind} · <time datetime="${startedAt}">${utc(startedAt)}</time></span>
<button type="button" id="copy" hidden>Copy as Markdown</button></div>
<h1>${experiment.title}</h1>
<p class="finding">${finding}</p>
<p>${kind === 'tune' ? 'Required:' : 'Hypotheses of the file:'}</p>
<ul>${required.map((text) => html`<li><code>${text}</code></li>`)}</ul>
${warning !== undefined && html`<p class="warn">⚠ ${warning.text}</p><ul>${warning.of.map((text) => html`<li>${text}</li>`)}</ul>`}
${jsonElement('markdown', `**${experiment.title}**: ${finding}\n`)}
</header>
`;
  const way = {
    lead: `In the order of the search. ${rules[kind]}`,
    body: table({
      caption: 'Tried points',
      head: ['Point', 'Seeds that held', ...(metric === undefined ? [] : [metric]), 'Verdict'],
      rows: trials.map(({ point, held, of, holds, metric: value }) => [
        html`${describePoint(paths, point)}${isFound(point) && html` <strong>found</strong>`}`,
        `${held} of ${of}`,
        ...(metric === undefined ? [] : [figureShown(metric, value)]),
        verdictMark(holds, holds ? 'holds' : 'fails'),
      ]),
    }),
  };
  return renderDocument({
    version,
    title: `${kind === 'tune' ? 'Tune' : 'Search'}: ${experiment.title}`,
    top,
    links: [
      { id: 'tried', name: 'Tried' },
      { id: 'details', name: 'Details' },
    ],
    main: html`${renderSection('tried', 'Way of the search', way)}
<section id="details" aria-labelledby="details-title"><h2 id="details-title">Details</h2>
${changed !== undefined && renderFolded('changed', 'The changed file', { body: html`<pre><code>${changed}</code></pre>`, isOpen: true })}
${renderFolded('source', 'The experiment', { body: html`<pre><code>${experiment.source}</code></pre>` })}
${renderFolded('repeat', 'Run it again', { body: html`<pre class="command"><code>${command}</code></pre>` })}
</section>
`,
    scripts: [],
    styles: [asset(assetFile('lab/explore/page/page.css'))],
  });
}
