import { html } from '#lab/report/html.ts';
import type { Section } from './section.ts';

const meanings: Readonly<Record<string, string>> = {
  amplification: 'attempts divided by requests: how much work became of what was asked',
  attempt: 'one call to downstream; a request may need several, or get none',
  backlog: 'what was accepted and still waits',
  breaker: 'a policy that refuses calls for a while after too many have failed',
  bulkhead: 'a policy that lets only so many calls through at once; the others wait or are refused',
  completed: 'ended with an effect that the caller could know of: by the answer, or by the news of its event',
  dead: 'set aside after the last try, in the stream of dead letters',
  deadline: 'how long the caller waits from the due time on; what is done later is worth nothing to it',
  downstream: 'the dependency that both paths call',
  'due time': 'when a request should have been sent; every latency begins there',
  effect:
    'the work that downstream has done for a request; alone it completes nothing, since the caller may have given up',
  'event loop': 'does the work of a process, one thing after the other; when it is late, all of that waits',
  fault: 'something that the lab breaks on purpose, and mends',
  goodput: 'the share of the offered requests that completed within the deadline',
  'in flight': 'sent to downstream and not yet answered',
  jitter: 'chance in the wait before a retry, so that not all come back at once',
  knee: 'as many in flight as downstream can take before it gets slower',
  ledger: 'the account of every request, checked against witnesses that do not know of each other',
  offered: 'what the load asked for, whatever became of it',
  'open loop': 'requests are sent at their due times, whatever became of those before',
  p99: '99 % of the values are at most this; likewise p50, p90 and so on',
  policy: 'what stands around a call to downstream: a timeout, a retry, a breaker, a bulkhead',
  recovered:
    'an event whose news got lost: completed by its effect and the acknowledgement of its message, or dead by its letter',
  redelivery: 'an event that is handed out again after a try that failed',
  retry: 'an attempt after one that failed',
  saturated: 'a process that could not keep up with its own work',
  'send lag': 'how long after its due time a request was sent',
  'sleep excess': 'how much longer downstream slept than its model says',
  variant: 'a path, RPC or events, with its policies',
  wasted: 'effects whose caller had given up',
};

export function glossarySection(page: string): Section | null {
  const text = page.replaceAll(/<script\b.*?<\/script>|<[^>]+>/gs, ' ');
  const used = Object.entries(meanings).filter(([term]) => inflected(term).test(text));
  if (used.length === 0) return null;
  return {
    body: html`<dl class="facts">${used.map(([term, meaning]) => html`<div><dt>${term}</dt><dd>${meaning}</dd></div>`)}</dl>`,
  };
}

/** Finds a term in its singular or plural, and no longer word that begins like it. */
const inflected = (term: string): RegExp => new RegExp(`\\b${term.replace(/y$/, '')}(?:y|ies|s)?\\b`, 'i');
