import { meanings as outcomes } from '#kit/wire.ts';
import { metric, metricNames } from '#lab/experiment/metrics/catalogue.ts';
import { metricName } from '#lab/experiment/metrics/shown.ts';
import { terms } from '#lab/kit/text/terms.ts';
import { html, pairs } from '#lab/show/html.ts';
import type { Section } from './section.ts';

/** Meanings of metrics, terms and outcomes. Those of metrics and terms are in Markdown. */
const meanings: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    metricNames.flatMap((name) => (metric(name).column ? [[metricName(name), metric(name).means]] : [])),
  ),
  ...terms,
  ...outcomes,
};

export function glossarySection(page: string): Section | null {
  const text = page.replaceAll(/<script\b.*?<\/script>|<[^>]+>/gs, ' ');
  const used = Object.entries(meanings).filter(([term]) => inflected(term).test(text));
  const plain = used.map(([term, meaning]) => [term, meaning.replaceAll(/`|\[([^\]]+)\]\([^)]*\)/g, '$1')]);
  return used.length > 0 ? { body: html`<dl class="facts">${pairs(Object.fromEntries(plain))}</dl>` } : null;
}

/** Returns a pattern for a term in singular or plural, but not for longer words that begin with it. */
const inflected = (term: string): RegExp => new RegExp(`\\b${term.replace(/y$/, '')}(?:y|ies|s)?\\b`, 'i');
