import type { DeliveryReport, Outcome, Path } from '#kit/wire.ts';

const rpcOutcomes: Readonly<Record<number, Outcome>> = {
  200: 'ok',
  429: 'rejected',
  503: 'rejected',
  504: 'timeout',
};

const eventOutcomes: Readonly<Record<number, Outcome>> = { 202: 'pending', 429: 'dropped', 503: 'dropped' };

/** What the gateway's answer says. */
export function rpcOutcome(status: number, inTime: boolean): Outcome {
  const outcome = rpcOutcomes[status] ?? 'failed';
  return outcome === 'ok' ? effect(inTime) : outcome;
}

/** What the publisher's answer says until there is news of the event. */
export const eventOutcome = (status: number): Outcome => eventOutcomes[status] ?? 'unknown';

/** What is known without an answer: nothing, unless no connection came about and so nobody has the request. */
export function silenceOutcome(path: Path, wasSent: boolean): Outcome {
  if (wasSent) return 'unknown';
  return path === 'rpc' ? 'failed' : 'dropped';
}

/** Whether news of the event can still change what the answer said. */
export const isProvisional = (outcome: Outcome): boolean => outcome === 'pending' || outcome === 'unknown';

/** What the news of an event says. */
export function completionOutcome(news: Pick<DeliveryReport, 'outcome'>, inTime: boolean): Outcome {
  return news.outcome === 'dead' ? 'dead' : effect(inTime);
}

const effect = (inTime: boolean): Outcome => (inTime ? 'ok' : 'late');
