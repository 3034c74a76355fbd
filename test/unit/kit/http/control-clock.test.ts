import { expect, test } from 'vitest';
import { systemClock } from '#kit/clock.ts';
import { controlApp } from '#kit/http/control.ts';
import { Metrics } from '#kit/metrics.ts';
import { silent } from '#test/support/serve.ts';

test('the control port answers the monotonic clock that all processes of a machine share', async () => {
  const config = { current: () => ({}), parse: () => ({}), apply: () => undefined };
  const app = controlApp({ config, metrics: new Metrics(), unready: () => undefined }, silent);
  const beforeMs = systemClock.now();
  const { nowMs } = (await app.inject({ method: 'GET', url: '/clock' })).json();
  expect(nowMs).toBeGreaterThanOrEqual(beforeMs);
  expect(nowMs).toBeLessThanOrEqual(systemClock.now());
});
