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
  const duration = metrics.histogram('spillway_attempt_duration_seconds');
  return async (work, signal) => {
    work.attempts += 1;
    const { deadlineAtMs } = work;
    const startedAtMs = clock.now();
    work.timeoutMs =
      deadlineAtMs === undefined ? undefined : Math.max(0, Math.floor(deadlineAtMs - startedAtMs));
    try {
      const reply = await upstream.post(work, signal);
      attempts.inc({ result: 'ok' });
      return reply;
    } catch (error) {
      attempts.inc({ result: error instanceof UpstreamError ? 'failed' : 'abandoned' });
      throw error;
    } finally {
      duration.observe((clock.now() - startedAtMs) / 1000);
    }
  };
}
