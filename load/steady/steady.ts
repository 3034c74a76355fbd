import { sleep, systemClock } from '#kit/clock.ts';
import type { Service, ServiceParts } from '#kit/service.ts';
import type { Completions } from '#load/completions.ts';
import { phaseNames } from '#load/phases.ts';
import { parseSteady, type SteadyConfig } from './config.ts';
import { type TideParts, tideOf } from './tide.ts';

interface SteadyParts extends ServiceParts, Omit<TideParts, 'clock'> {
  readonly completions: Pick<Completions, 'listen'>;
  readonly isEmpty: () => Promise<boolean>;
  readonly close: () => Promise<void>;
}

const stopMs = 3000;
/** Longest wait for requests, and then for events, in a pause. A backlog of a burst drains within some 15 s. */
const pauseMs = 25_000;
const askEveryMs = 100;

/** Builds the service that offers an endless load in several lanes to a testbed that a user watches. */
export async function steady(parts: SteadyParts): Promise<Service> {
  const { metrics, lanes, completions, clock = systemClock, initial = {} } = parts;
  let config = parseSteady(initial);
  const tide = tideOf({ ...parts, clock });
  // Subscribes once, so that a new configuration doesn't need the broker.
  const stopListening = await completions.listen(tide.reported);
  const drained = async () => {
    const giveUpAtMs = clock.now() + pauseMs;
    while (!(await parts.isEmpty())) {
      if (clock.now() > giveUpAtMs)
        throw new Error(`events of the load are left after ${pauseMs / 1000} s: does the consumer run?`);
      await sleep(askEveryMs, clock);
    }
    await tide.purge();
  };
  const begin = (next: SteadyConfig) => {
    config = next;
    if (!config.paused) tide.start(config);
  };
  begin(config);

  metrics.gauge('spillway_load_deadline_seconds', () => config.deadlineMs / 1000);
  metrics.gauge('spillway_load_phase', () => {
    const all = phaseNames(config.phases);
    const current = tide.phaseOf(config);
    // Two phases may have the same name.
    return [...new Set(all)].map((phase) => [
      { phase },
      current !== undefined && phase === all[current] ? 1 : 0,
    ]);
  });

  return {
    name: 'load',
    metrics,
    config: {
      current: () => config,
      parse: parseSteady,
      async apply(next: SteadyConfig) {
        await tide.stop(config, next.paused ? pauseMs : stopMs);
        if (next.paused)
          await drained().catch((error) => {
            begin(config);
            throw error;
          });
        begin(next);
      },
    },
    unready() {
      if (config.paused) return undefined;
      const waiting = lanes.filter(({ name }) => !tide.proven.has(name)).map(({ name }) => name);
      return waiting.length > 0 ? `no request has succeeded yet in ${waiting.join(' and ')}` : undefined;
    },
    async stop() {
      await tide.stop(config, stopMs);
      stopListening();
      await parts.close();
    },
  };
}
