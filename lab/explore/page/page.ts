import { assetFile } from '#kit/process/installation.ts';
import { figureAt } from '#lab/experiment/metrics/table.ts';
import { findingOf, shortNames } from '#lab/explore/finding.ts';
import type { SweepResult } from '#lab/explore/result.ts';
import { describePoint } from '#lab/explore/space.ts';
import { renderSweep, seedsText } from '#lab/explore/terminal.ts';
import { count, number, plural, share, utc } from '#lab/kit/text/format.ts';
import { asset, renderDocument } from '#lab/show/document.ts';
import { badge, type Html, html, jsonElement, namedAt } from '#lab/show/html.ts';
import { renderFolded, renderSection, table } from '#lab/show/section/section.ts';
import { type Charted, chartsOf, firstOf, shown } from './figures.ts';
import { heatMap, mapData } from './heat-map.ts';
import { linesOf } from './lines.ts';

/** Renders a sweep as one page: a map over two paths, or lines over one. */
export function renderSweepPage(sweep: SweepResult): string {
  const figures = chartsOf(sweep);
  const name = sweep.paths.length > 1 ? 'Map' : 'Lines';
  return renderDocument({
    version: sweep.spillway,
    title: `Sweep: ${sweep.experiment.title}`,
    top: headerOf(sweep),
    links: [
      { id: 'map', name },
      { id: 'details', name: 'Details' },
    ],
    main: html`${renderSection('map', name, mapSection(sweep, figures))}
<section id="details" aria-labelledby="details-title"><h2 id="details-title">Details</h2>
${renderFolded('points', 'All points', pointsSection(sweep))}
${renderFolded('source', 'The experiment', { body: html`<pre><code>${sweep.experiment.source}</code></pre>` })}
${renderFolded('repeat', 'Run it again', { body: html`<pre class="command"><code>${sweep.command}</code></pre>` })}
</section>
`,
    scripts: [asset(assetFile('lab/explore/page/client/choose.js'))],
    styles: [asset(assetFile('lab/explore/page/page.css'))],
  });
}

function headerOf(sweep: SweepResult): Html {
  const { experiment, startedAt, points } = sweep;
  const [heading = experiment.title, ...more] = findingOf(sweep);
  const simulated = points.filter(({ inferred }) => !inferred).length;
  const others =
    simulated < points.length &&
    html` Around the others nothing changes, so they have the figures of a neighbour.`;
  return html`<header id="top">
<div class="crumb"><span><strong>Spillway</strong> · sweep of ${experiment.name}: ${experiment.title} · <time datetime="${startedAt}">${utc(startedAt)}</time></span>
<button type="button" id="copy" hidden>Copy as Markdown</button></div>
<h1>${heading.replace(/\.$/, '')}</h1>
<p class="finding">${more.join(' ')}</p>
<p class="footnote">${plural(points.length, 'point')}, ${seedsText(sweep)}.${others}</p>
${jsonElement('markdown', `\`\`\`\n${renderSweep(sweep, { colour: false, width: 100 })}\n\`\`\`\n`)}
</header>
`;
}

function mapSection(sweep: SweepResult, figures: readonly Charted[]) {
  const { paths, variants } = sweep;
  const first = firstOf(figures);
  const names = shortNames(paths);
  const [across, up] = paths.map((each, index) => ({ ...each, name: names[index]! }));
  const select = (
    name: string,
    label: string,
    options: readonly (readonly [value: string, text: string])[],
    chosen?: string,
  ) =>
    html`<label>${label}<select name="${name}">${options.map(([value, text]) => html`<option value="${value}"${value === chosen && html` selected`}>${text}</option>`)}</select></label>`;
  const isMap = up !== undefined;
  const choices = html`<div class="choices" hidden>${select(
    'figure',
    'Figure',
    figures.map(({ id, name }) => [id, name]),
    first.id,
  )}${select('variant', 'Variant', [...(isMap ? [] : [['', 'all'] as const]), ...variants.map((name) => [name, name] as const)])}</div>`;
  const isUnknown = figures.some(({ values }) =>
    values.some((own) => own.some((value) => (value?.value ?? null) === null)),
  );
  const chart = isMap
    ? html`${heatMap(sweep)}
<p class="scale"><span>0</span><i></i><span data-top></span>${isUnknown && html`<i class="unknown"></i><span>not known</span>`}<span>Line: the probability is 0.5.</span></p>
<output aria-live="polite"></output>`
    : figures.map(
        (figure) =>
          html`<div data-figure="${figure.id}"${figure.id !== first.id && html` hidden`}>${linesOf(sweep, figure)}</div>`,
      );
  return {
    title: isMap ? `${up.name} over ${across!.name}` : `Over ${across!.name}`,
    lead: isMap
      ? html`Point at a cell, or use the arrow keys. ${across!.path}: ${inFile(across!)}; ${up.path}: ${inFile(up)}.`
      : 'Lines: means over the seeds. Areas: 95 % intervals. The dotted lines show where a probability is 0.5.',
    body: html`${choices}<figure><figcaption>${isMap ? 'Map' : 'Lines'}</figcaption>
${chart}</figure>
${!isMap && html`<ul class="legend">${variants.map((name, index) => html`<li>${badge(index)} ${name}</li>`)}</ul>`}
${jsonElement('sweep-data', mapData(sweep, figures))}`,
  };
}

const inFile = ({ original }: SweepResult['paths'][number]): string =>
  original === null ? 'not in the file' : `${number(original)} in the file`;

/** Lists the most important figures of all points. */
const pointsSection = (sweep: SweepResult) => ({
  body: table({
    caption: 'Figures of all points, with 95 % intervals',
    of: 'numbers',
    head: [
      'Point',
      ...sweep.variants.flatMap((name, index) => [html`goodput ${namedAt(index, name)}`, 'P(metastable)']),
      'P(all hypotheses hold)',
      'Seeds',
    ],
    rows: sweep.points.map((point, index) => [
      describePoint(sweep.paths, point.values),
      ...sweep.variants.flatMap((variant) =>
        (['goodput', 'metastable'] as const).map((metric) =>
          shown(figureAt(sweep.figures, { variant, metric, point: index }) ?? null, share),
        ),
      ),
      shown(point.holds, share),
      point.inferred
        ? 'as its neighbours'
        : point.valid < sweep.seeds
          ? `${count(point.valid)} of ${count(sweep.seeds)}`
          : count(sweep.seeds),
    ]),
  }),
});
