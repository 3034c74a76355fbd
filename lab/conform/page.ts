import { version } from '#kit/process/installation.ts';
import { renderDocument } from '#lab/show/document.ts';
import { type Html, html, jsonElement, type Part } from '#lab/show/html.ts';
import { renderFolded, renderSection, table } from '#lab/show/section/section.ts';
import type { Conformity, FactResult } from './examine.ts';
import { factNames, facts } from './facts.ts';
import { signs, summaryOf } from './terminal.ts';
import { legend, timeline } from './timeline.ts';

/** Renders the facts of clients, each with a link to the sequences that show it. */
export function renderConformityPage(title: string, all: readonly Conformity[], markdown: string): string {
  const sequences = all.map(({ client, facts }, index) =>
    facts.map((fact) => sequencesOf(index, all.length > 1 ? `${client}: ` : '', fact)),
  );
  const overview = table({
    caption: Object.values(signs)
      .map(({ sign, word }) => `${sign} ${word}`)
      .join(', '),
    head: ['Fact', ...all.map(({ client }) => client), 'Safe'],
    rows: factNames.map((name, fact) => [
      facts[name].title,
      ...all.map(({ facts }, index) => cellOf(index, facts[fact]!)),
      facts[name].safe,
    ]),
  });
  return renderDocument({
    ...{ version, title, scripts: [] },
    top: html`<header id="top">
<div class="crumb"><span><strong>Spillway</strong></span>
<button type="button" id="copy" hidden>Copy as Markdown</button></div>
<h1>${title}</h1>
${jsonElement('markdown', markdown)}
</header>
`,
    links: [
      { id: 'facts', name: 'Facts' },
      { id: 'sequences', name: 'Sequences' },
    ],
    main: html`${renderSection('facts', 'Facts', { lead: all.map((each) => html`${summaryOf(each)}<br>`), body: overview })}
${renderSection('sequences', 'Sequences', {
  lead: 'A row for each call, a bar for each attempt. A dot is the end of a call.',
  body: html`${legend}${sequences}`,
})}`,
  });
}

const idOf = (client: number, { name }: FactResult): string => `${name}-${client}`;

const tones = { safe: 'good', unsafe: 'bad', none: '', unknown: '' };

function cellOf(client: number, fact: FactResult): Html {
  const { verdict, text } = fact;
  const cell = html`<span class="${tones[verdict]}" title="${signs[verdict].word}">${signs[verdict].sign} ${text}</span>`;
  return shownOf(fact).length === 0 ? cell : html`<a href="#${idOf(client, fact)}">${cell}</a>`;
}

/** Scenarios of a fact with calls to show. */
const shownOf = ({ scenarios }: FactResult) =>
  scenarios.filter(({ verdict, sequence }) => verdict !== 'none' && sequence.calls.length > 0);

function sequencesOf(client: number, prefix: string, fact: FactResult): Part {
  const shown = shownOf(fact);
  if (shown.length === 0) return null;
  return renderFolded(idOf(client, fact), `${prefix}${fact.title}: ${fact.text}`, {
    lead: `Safe: ${fact.safe}.`,
    body: shown.map(
      ({ text, sequence }) => html`<p><strong>${text}</strong></p>
${timeline(sequence)}`,
    ),
  });
}
