import { meanings as outcomes } from '#kit/wire.ts';
import { html, pairs } from '#lab/report/html.ts';
import type { Section } from './section.ts';

const meanings: Readonly<Record<string, string>> = {
  ...outcomes,
  amplification: 'attempts per offered request',
  attempt: 'one call to downstream; a request may make several or none',
  backlog: 'requests accepted and not yet completed: events in the stream, calls in the queue of a bulkhead',
  breaker: 'a policy that refuses calls for a while after too many have failed',
  bulkhead: 'a policy that limits the calls under way at once; the others wait or are refused',
  completed:
    "had its effect, and the caller learned of it: by the answer, or by the event's completion message",
  deadline: 'how long the caller waits, from the scheduled time; a later result is worthless to it',
  downstream: 'the dependency that both paths call',
  'scheduled time': 'when a request should have been sent; latencies count from it',
  effect: 'work that downstream has committed for a request; the caller may have given up by then',
  'event loop': 'runs the work of a process, one task at a time; when it is late, all tasks wait',
  fault: 'a disturbance that the lab injects and clears',
  goodput: 'the share of the offered requests that completed within the deadline',
  'in flight': 'sent to downstream and not yet answered',
  jitter: 'a random part of the wait before a retry, so that retries spread out',
  knee: 'how many calls downstream can have in flight before it slows down',
  ledger: 'counts of every request, compared between independent sources',
  offered: 'requests that the load scheduled, regardless of outcome',
  'open loop': 'requests are sent at their scheduled times, regardless of earlier ones',
  p99: '99 % of the values are at most this; p50, p90 … in the same way',
  policy: 'a rule around calls to downstream: a timeout, a retry, a breaker, a bulkhead',
  recovered:
    'of goodput: high enough again after a fault; of an event: its end is known although its completion message was lost',
  redelivery: 'another delivery of an event after a failed try',
  retry: 'another try after a failed attempt; it counts even if a policy refuses it',
  saturated: 'a process that could not keep up with its own work',
  'send lag': 'how long after its scheduled time a request was sent',
  'sleep excess': 'how much longer downstream slept than its model says',
  suppressed: 'of an effect: not committed again, since the request already had it',
  variant: 'a path, RPC or events, with its policies',
  wasted: 'effects whose caller had given up',
};

export function glossarySection(page: string): Section | null {
  const text = page.replaceAll(/<script\b.*?<\/script>|<[^>]+>/gs, ' ');
  const used = Object.entries(meanings).filter(([term]) => inflected(term).test(text));
  return used.length > 0 ? { body: html`<dl class="facts">${pairs(Object.fromEntries(used))}</dl>` } : null;
}

/** Returns a pattern for a term in singular or plural, but not for longer words that begin with it. */
const inflected = (term: string): RegExp => new RegExp(`\\b${term.replace(/y$/, '')}(?:y|ies|s)?\\b`, 'i');
