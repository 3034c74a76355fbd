import { type Clock, systemClock } from '#kit/clock.ts';
import { problem, type Answer as Told } from '#kit/http/problem.ts';
import type { WorkRequest } from '#kit/http/request.ts';
import { UpstreamError } from '#kit/http-client/posted.ts';
import type { Upstream } from '#kit/http-client/upstream.ts';
import type { Metrics } from '#kit/metrics.ts';
import { drawFor } from '#kit/random.ts';
import { parser } from '#kit/schema/parser.ts';
import { attempt } from '#policies/attempt.ts';
import type { OpenClient } from '#policies/client.ts';
import { pipeline, problems } from '#policies/pipeline.ts';
import { type Call, Rejected, TimedOut, type Work } from '#policies/policy.ts';
import { policyMetrics } from '#policies/policy-metrics.ts';
import { GatewayConfig } from './config.ts';

export interface RequestParts {
  readonly metrics: Metrics;
  readonly upstream: Pick<Upstream, 'post'>;
  readonly clock?: Clock | undefined;
  readonly initial?: unknown;
  /** Opens the user's client, which replaces the policies. */
  readonly client?: OpenClient | undefined;
}

export interface Answer extends Told {
  readonly attempts: number;
}

const parse = parser(GatewayConfig, ({ policies = [] }) => problems(policies, '/policies'));

/** Serves requests by calling downstream through the policies, or through the user's client. Throws InvalidError. */
export function requestsOf(parts: RequestParts) {
  const { metrics, upstream, clock = systemClock, initial = {}, client } = parts;
  const clientParts = {
    clock,
    send: attempt(upstream, metrics, clock),
    show: policyMetrics(metrics),
  };
  const requests = metrics.counter('spillway_requests_total');
  const duration = metrics.histogram('spillway_request_duration_seconds');
  const countsOf = (outcome: string) => [requests.labels({ outcome }), duration.labels({ outcome })] as const;
  const counts = new Map(['ok', 'failed', ...Object.values(outcomes)].map((each) => [each, countsOf(each)]));
  let inFlight = 0;
  metrics.gauge('spillway_requests_in_flight', () => inFlight);

  let config: GatewayConfig;
  let call: Call;
  const apply = (next: GatewayConfig): void | Promise<void> => {
    const set = (built: Call) => {
      call = built;
      config = next;
    };
    return client
      ? client().then((policy) => set(policy(clientParts.send)))
      : set(sharedBy(next, clientParts));
  };
  const opened = apply(parse(initial));

  return {
    config: { current: () => config, parse, apply },
    /** Resolves when the user's client is open. Undefined without one. */
    opened,
    breakers: clientParts.show.breakers,
    /** Resolves with the answer, and never rejects. The signal aborts when the caller disconnects. */
    serve(asked: WorkRequest, signal: AbortSignal): Promise<Answer> {
      const { body, leftMs, class: ofClass, traceparent } = asked;
      const startedAtMs = clock.now();
      const work: Work = {
        id: body.id,
        body: textOf(body),
        class: ofClass,
        traceparent,
        callerDeadlineAtMs: leftMs === undefined ? undefined : startedAtMs + leftMs,
        attempts: 0,
        // A field that a policy adds later costs more than all of them here.
        deadlineAtMs: undefined,
        timeoutMs: undefined,
        lastFailure: undefined,
        timedOut: undefined,
      };
      inFlight += 1;
      const end = (outcome: string, answer: Answer) => {
        inFlight -= 1;
        const [count, time] = counts.get(outcome)!;
        count.inc();
        time.observe((clock.now() - startedAtMs) / 1000);
        return answer;
      };
      return call(work, signal).then(
        (answer) =>
          end('ok', { status: 200, attempts: work.attempts, contentType: 'application/json', body: answer }),
        (error) => {
          const answer = failed(error, work.attempts, signal.aborted);
          return end(outcomes[answer.status] ?? 'failed', answer);
        },
      );
    },
  };
}

/** Returns the body as JSON. An id needs no escapes. */
const textOf = ({ id, payload }: WorkRequest['body']): string =>
  payload === undefined ? `{"id":"${id}"}` : JSON.stringify({ id, payload });

interface ClientParts {
  readonly clock: Clock;
  readonly send: Call;
  readonly show: ReturnType<typeof policyMetrics>;
}

/** Distributes the requests over the clients by a draw. Each client has its own policies; all share the metrics. */
export function sharedBy(
  { clients = 1, policies, seed }: GatewayConfig,
  { clock, send, show }: ClientParts,
): Call {
  const emit = show(Array.from({ length: clients }, () => policies).flat(), clients);
  const calls = Array.from({ length: clients }, (_, client) => {
    const first = client * policies.length;
    return pipeline(policies, {
      clock,
      seed,
      emit: (event, position) => emit(event, first + position),
    })(send);
  });
  if (clients === 1) return calls[0]!;
  return (work, signal) => calls[Math.floor(drawFor(seed, work.id, 0, 'client') * clients)]!(work, signal);
}

/** Outcomes of requests, as the metrics name them, by the status of the answer. */
const outcomes: Readonly<Record<number, string>> = {
  499: 'gone',
  503: 'rejected',
  504: 'timeout',
};

function failed(error: unknown, attempts: number, isGone: boolean): Answer {
  const refused = (status: number, name: string, title: string, retryAfterMs?: number): Answer => ({
    ...problem(status, name, title, { detail: (error as Error).message }),
    attempts,
    retryAfterMs,
  });
  // The body is empty, since the caller has disconnected.
  if (isGone) return { status: 499, attempts, contentType: 'text/plain', body: '' };
  if (error instanceof Rejected)
    return refused(503, error.policy, `Refused by the ${error.policy}`, error.retryAfterMs);
  if (error instanceof TimedOut) return refused(504, 'timeout', 'Downstream took too long');
  // It is caused by a bug.
  if (!(error instanceof UpstreamError)) return { status: 500, attempts, contentType: '', body: '', error };
  return refused(502, 'downstream', 'Downstream failed');
}
