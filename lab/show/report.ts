import type { Result } from '#lab/judge/result/result.ts';
import { isEventful } from './bands.ts';
import { asset, ownFile, renderDocument } from './document.ts';
import { aboutSection, header } from './header.ts';
import { type Html, html } from './html.ts';
import { conclusionsSection } from './section/conclusions.ts';
import { configurationSection, nextSection, repeatSection } from './section/configuration.ts';
import { faultsSection, redrivesSection, windowsSection } from './section/faults.ts';
import * as figures from './section/figures.ts';
import { glossarySection } from './section/glossary.ts';
import { goodputSection } from './section/goodput.ts';
import { hypothesesSection } from './section/hypotheses.ts';
import { roundsSection } from './section/rounds.ts';
import { anchorTo, renderFolded, renderSection, type Section } from './section/section.ts';
import { seriesSection } from './section/series.ts';
import { simulationsSection } from './section/simulations.ts';
import { stripsSection } from './section/strips.ts';
import { ledgerSection, validitySection } from './section/validity.ts';
import { verdictOf } from './verdict.ts';

/**
 * Entry of the table of contents. `of` returns null if there is nothing to show. Without `title`, the name is the
 * title.
 */
type Content = [id: string, name: string, of: (result: Result) => Section | null, title?: string];

/** Sections about averages over the load. They are details if something happened meanwhile. */
const averages: readonly Content[] = [
  ['comparison', 'Variants', figures.comparisonSection, 'Variants compared'],
  ['goodput', 'Deadline', goodputSection, 'Goodput over the deadline'],
];

/** Returns the sections in the order of the page. */
const contentsOf = (result: Result): readonly Content[] => [
  ['outcomes', 'Outcomes', firstSection, 'How the requests ended'],
  ['hypotheses', 'Hypotheses', hypothesesSection],
  ['conclusions', 'Conclusions', conclusionsSection, 'What to conclude'],
  ...(isEventful(result) ? [] : averages),
  ['rounds', 'Rounds', roundsSection],
  ['series', 'Over time', seriesSection],
  ['next', 'Go on', nextSection],
];

/** Shows the course of time if something happened meanwhile, or else how the requests ended. */
function firstSection(result: Result): Section | null {
  return (isEventful(result) ? stripsSection(result) : null) ?? figures.outcomesSection(result);
}

/** Returns the folded sections. */
const detailsOf = (result: Result): readonly Content[] => [
  ['about', 'About', aboutSection, 'About this experiment'],
  ...(isEventful(result) ? averages : []),
  ['latency', 'Latency', figures.latencySection, 'Latency from the scheduled time'],
  ['errors', 'First errors', figures.errorsSection],
  ['policies', 'Policies', figures.policiesSection, 'What the policies did'],
  ['faults', 'Faults', faultsSection],
  ['redrives', 'Redrives', redrivesSection],
  ['windows', 'Parts', windowsSection, 'Parts of the load'],
  ['predictions', 'Predictions', simulationsSection, 'Predicted and measured'],
  ['validity', 'Validity', validitySection, "Validity and the testbed's own error"],
  ['ledger', 'Ledger', ledgerSection, 'The ledger'],
  ['configuration', 'Configuration', configurationSection],
  ['repeat', 'Repeat', repeatSection, 'Conditions of the run'],
];

/** Sections whose figures are means if there are rounds. */
const ofMeans: readonly string[] = [
  'goodput',
  'series',
  'latency',
  'policies',
  'faults',
  'redrives',
  'windows',
];

export function renderReport(result: Result): string {
  const top = header(result);
  const open = shown(contentsOf(result), result, renderSection);
  const folded = shown(detailsOf(result), result, renderFolded);
  const words = glossarySection(html`${top}${[...open, ...folded].map(({ content }) => content)}`.text);
  if (words)
    folded.push({ id: 'glossary', name: 'Words', content: renderFolded('glossary', 'Glossary', words) });
  const next = open.findIndex(({ id }) => id === 'next');
  const main = html`${open.slice(0, next).map(({ content }) => content)}
<section id="details" aria-labelledby="details-title">
<h2 id="details-title">Details${anchorTo('details', 'Details')}</h2>
${folded.map(({ content }) => content)}
</section>
${open[next]!.content}`;
  return renderDocument({
    version: result.spillway,
    title: `${verdictOf(result).word}: ${result.experiment.title}`,
    top,
    links: open.toSpliced(next, 0, { id: 'details', name: 'Details', content: main }),
    main,
    scripts: open.some(({ id }) => id === 'series') ? [asset(ownFile('client/series.js'))] : [],
  });
}

const shown = (
  some: readonly Content[],
  result: Result,
  render: (id: string, title: string, section: Section) => Html,
) =>
  some.flatMap(([id, name, of, title = name]) => {
    const own = of(result);
    const isOfMeans = own && result.rounds && ofMeans.includes(id);
    const section = isOfMeans ? { ...own, lead: ['Means over the rounds. ', own.lead ?? null] } : own;
    return section ? [{ id, name, content: render(id, title, section) }] : [];
  });
