import type { Clock } from '#kit/clock.ts';
import { UpstreamError } from '#kit/http-client/posted.ts';
import type { Upstream } from '#kit/http-client/upstream.ts';
import type { Metrics } from '#kit/metrics.ts';
import type { Call } from './policy.ts';

/**
 * Returns the innermost call of every pipeline: a single attempt at downstream, which is counted and timed. It rejects
 * with UpstreamError.
 */
export function attempt(upstream: Pick<Upstream, 'post'>, metrics: Metrics, clock: Clock): Call {
  const attempts = metrics.counter('spillway_attempts_total');
  const [ok, failed, abandoned] = ['ok', 'failed', 'abandoned'].map((result) => attempts.labels({ result }));
  const duration = metrics.histogram('spillway_attempt_duration_seconds');
  // By hand, since to rethrow an error costs as much as the rest.
  return (work, signal) =>
    new Promise((resolve, reject) => {
      work.attempts += 1;
      const { deadlineAtMs } = work;
      const startedAtMs = clock.now();
      work.timeoutMs =
        deadlineAtMs === undefined ? undefined : Math.max(0, Math.floor(deadlineAtMs - startedAtMs));
      const end = (result: typeof ok) => {
        result!.inc();
        duration.observe((clock.now() - startedAtMs) / 1000);
      };
      upstream.post(work, signal).then(
        (reply) => {
          end(ok);
          resolve(reply);
        },
        (error) => {
          end(error instanceof UpstreamError ? failed : abandoned);
          reject(error);
        },
      );
    });
}
