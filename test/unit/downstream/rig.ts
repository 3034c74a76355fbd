import { join } from 'node:path';
import { downstream } from '#downstream/downstream.ts';
import { EffectLog } from '#downstream/effects.ts';
import { Metrics } from '#kit/metrics.ts';
import { VirtualClock } from '#kit/virtual-clock.ts';
import { headers } from '#kit/wire.ts';
import { testFolder } from '#test/support/folder.ts';
import { hold, silent } from '#test/support/serve.ts';
import { until } from '#test/support/until.ts';

/** Creates downstream on virtual time. Tests call its ports with `inject`. */
export async function rig(initial: object = {}, file = join(testFolder(), 'effects.ndjson')) {
  const clock = new VirtualClock();
  const metrics = new Metrics();
  const effects = new EffectLog(file);
  const service = downstream({ log: silent, metrics, effects, clock, initial });
  const held = hold(service);
  const traffic = service.traffic!;
  await traffic.ready();

  /** Sends attempts, and waits until downstream works on all of them. Resolves with promises of their responses. */
  const send = async (...attempts: [id: string, attempt?: number, leftMs?: number][]) => {
    const before = clock.pending;
    const responses = attempts.map(([id, attempt = 1, leftMs]) =>
      traffic
        .inject({
          method: 'POST',
          url: '/work',
          body: { id },
          headers: {
            [headers.attempt]: String(attempt),
            ...(leftMs !== undefined && { [headers.timeoutMs]: String(leftMs) }),
          },
        })
        .then((response) => response),
    );
    await until(() => clock.pending >= before + attempts.length);
    return responses;
  };
  return { ...held, traffic, clock, effects, send };
}
