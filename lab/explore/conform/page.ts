import { basename } from 'node:path';
import { version } from '#kit/process/installation.ts';
import { renderDocument } from '#lab/show/document.ts';
import { type Html, html, jsonElement, type Part } from '#lab/show/html.ts';
import { renderFolded, renderSection, table } from '#lab/show/section/section.ts';
import type { Conformity, FactResult } from './examine.ts';
import { factNames, facts } from './facts.ts';
import { sequenceLines } from './sequence.ts';
import { renderConformity, signs, summaryOf } from './terminal.ts';
import { legend, timeline } from './timeline.ts';

/** Client with its name in a page. */
export interface Named {
  readonly name: string;
  readonly conformity: Conformity;
}

/** Renders the facts of a client, with the sequences that show them. */
export function renderConformityPage(conformity: Conformity): string {
  const { client } = conformity;
  const named = { name: basename(client), conformity };
  return pageOf(`Facts of ${named.name}`, [named], {
    lead: summaryOf(conformity),
    overview: table({
      caption: 'Facts',
      head: ['Fact', 'Verdict', 'What the client does', 'Safe'],
      rows: conformity.facts.map((fact) => [fact.title, cellOf(0, fact), fact.text, fact.safe]),
    }),
    markdown: renderConformity(conformity, { colour: false, width: 100 }),
  });
}

/** Renders a table of clients and facts, each cell with a link to its sequence. */
export function renderClientsPage(clients: readonly Named[], markdown: string): string {
  return pageOf('Clients and what they do', clients, {
    lead: `${clients.length} clients, each in a typical configuration.`,
    overview: table({
      caption: 'Facts of each client',
      head: ['Fact', ...clients.map(({ name }) => name)],
      rows: factNames.map((name) => [
        facts[name].title,
        ...clients.map(({ conformity }, index) =>
          cellOf(index, conformity.facts.find((each) => each.name === name)!),
        ),
      ]),
    }),
    markdown,
  });
}

interface Overview {
  readonly lead: string;
  readonly overview: Html;
  readonly markdown: string;
}

function pageOf(title: string, clients: readonly Named[], { lead, overview, markdown }: Overview): string {
  return renderDocument({
    version,
    title,
    top: html`<header id="top">
<div class="crumb"><span><strong>Spillway</strong></span>
<button type="button" id="copy" hidden>Copy as Markdown</button></div>
<h1>${title}</h1>
<p class="finding">${lead}</p>
${jsonElement('markdown', `\`\`\`\n${markdown}\n\`\`\`\n`)}
</header>
`,
    links: [
      { id: 'facts', name: 'Facts' },
      { id: 'sequences', name: 'Sequences' },
    ],
    main: html`${renderSection('facts', 'Facts', { body: overview })}
<section id="sequences" aria-labelledby="sequences-title"><h2 id="sequences-title">Sequences</h2>
<p class="lead">A row for each call, a bar for each attempt. A dot is the end of a call.</p>
${legend}
${clients.map(({ name, conformity }, index) => conformity.facts.map((fact) => sequencesOf(index, clients.length > 1 ? `${name}: ` : '', fact)))}
</section>
`,
    scripts: [],
  });
}

const idOf = (client: number, { name }: FactResult): string => `${name}-${client}`;

function cellOf(client: number, fact: FactResult): Part {
  const { sign, word } = signs[fact.verdict];
  const tone = fact.verdict === 'safe' ? 'good' : fact.verdict === 'unsafe' ? 'bad' : '';
  const text = html`<span class="${tone}"><span aria-hidden="true">${sign}</span> ${word}</span>`;
  return fact.verdict === 'none'
    ? text
    : html`<a href="#${idOf(client, fact)}" title="${fact.text}">${text}</a>`;
}

/** Renders the scenarios of a fact that showed something. */
function sequencesOf(client: number, prefix: string, fact: FactResult): Part {
  if (fact.verdict === 'none') return null;
  const title = `${prefix}${fact.title}: ${fact.text}`;
  return renderFolded(idOf(client, fact), title, {
    lead: `Safe: ${fact.safe}.`,
    body: fact.scenarios
      .filter(({ verdict }) => verdict !== 'none')
      .map(
        ({ text, sequence }) => html`<p><strong>${text}</strong></p>
${timeline(sequence)}
<pre><code>${linesOf(sequence)}</code></pre>`,
      ),
  });
}

function linesOf(sequence: Parameters<typeof sequenceLines>[0]): string {
  const lines = sequenceLines(sequence);
  const width = Math.max(0, ...lines.map(([time]) => time.length));
  return lines.map(([time, event]) => `${time.padEnd(width)}  ${event}`).join('\n');
}
