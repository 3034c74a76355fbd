import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { downstream } from '#downstream/downstream.ts';
import { EffectLog } from '#downstream/effects.ts';
import { Metrics } from '#kit/metrics.ts';
import { VirtualClock } from '#kit/virtual-clock.ts';
import { parseEffects } from '#test/support/effects.ts';
import { testFolder } from '#test/support/folder.ts';
import { raw, requestText } from '#test/support/raw.ts';
import { hold, listen, silent } from '#test/support/serve.ts';
import { until } from '#test/support/until.ts';

/** Creates a downstream that listens on a real socket and runs on virtual time. */
export async function rig(more: object = {}) {
  const clock = new VirtualClock();
  const metrics = new Metrics();
  const effects = new EffectLog(join(testFolder(), 'effects.ndjson'));
  const initial = { model: { kind: 'fixed', latencyMs: 20 }, ...more };
  const service = downstream({ log: silent, metrics, effects, clock, initial });
  const url = await listen(service.traffic!);
  const held = hold(service);
  const inFlight = () => held.metric('spillway_work_in_flight');
  return {
    ...held,
    clock,
    url,
    inFlight,
    committed: () => parseEffects(readFileSync(effects.file, 'utf8')),
    /** Sends an attempt on a separate connection. Resolves when downstream works on it. */
    async call(id: string) {
      const before = await inFlight();
      const caller = await raw(url, requestText('POST', '/work', JSON.stringify({ id })));
      await until(async () => (await inFlight()) === before + 1);
      return caller;
    },
  };
}
