import { meanings as outcomes } from '#kit/wire.ts';
import { html, pairs } from '#lab/report/html.ts';
import { terms } from '#lab/text/terms.ts';
import type { Section } from './section.ts';

/** Terms that the report explains if it has them. */
const explained = [
  'amplification',
  'attempt',
  'backlog',
  'breaker',
  'bulkhead',
  'completed',
  'downstream',
  'effect',
  'event loop',
  'goodput',
  'in flight',
  'jitter',
  'knee',
  'ledger',
  'offered',
  'open loop',
  'p99',
  'recovered',
  'redelivery',
  'saturated',
  'scheduled time',
  'send lag',
  'sleep excess',
  'suppressed',
  'wasted',
] as const satisfies readonly (keyof typeof terms)[];

const meanings: Readonly<Record<string, string>> = {
  ...outcomes,
  ...Object.fromEntries(explained.map((term) => [term, terms[term]])),
};

export function glossarySection(page: string): Section | null {
  const text = page.replaceAll(/<script\b.*?<\/script>|<[^>]+>/gs, ' ');
  const used = Object.entries(meanings).filter(([term]) => inflected(term).test(text));
  return used.length > 0 ? { body: html`<dl class="facts">${pairs(Object.fromEntries(used))}</dl>` } : null;
}

/** Returns a pattern for a term in singular or plural, but not for longer words that begin with it. */
const inflected = (term: string): RegExp => new RegExp(`\\b${term.replace(/y$/, '')}(?:y|ies|s)?\\b`, 'i');
