import { whilePaused } from '#consumer/config.ts';
import { type Clock, sleep } from '#kit/clock.ts';
import { storageReasons } from '#kit/storage.ts';
import { grown } from '#lab/analysis/growth.ts';
import type { Control } from '#lab/control/control.ts';
import type { Controls } from '#lab/control/controls.ts';
import { type Samples, total } from '#lab/control/samples.ts';
import { TestbedError } from '#lab/testbed-error.ts';

/** Those that keep something: effects, events, dead letters. */
const keepers = ['downstream', 'publisher', 'consumer'] as const;
type Keeper = readonly [name: string, port: Control];

const metric = 'spillway_storage_failures_total';
const forgottenMetric = 'spillway_effects_forgotten_total';
const everyMs = 250;
/** One that is paused must not hold up what the others say. */
const patienceMs = 250;

/** Follows whether the services can keep what they must: where they can't, nothing that is measured means anything. */
export class StorageWatch {
  readonly #keepers: readonly Keeper[];
  readonly #clock: Clock;
  /** By process. */
  readonly #before = new Map<string, Samples>();

  constructor(controls: Controls, clock: Clock) {
    this.#keepers = keepers.flatMap((service) => [...controls[service].processes]);
    this.#clock = clock;
  }

  /**
   * Rejects with TestbedError, `disk-full` or `disk`, when a service failed to keep something since the check before, or
   * with `effects-forgotten` when downstream did not keep an effect for long enough.
   */
  async check(): Promise<void> {
    const failures = (await Promise.all(this.#keepers.map((keeper) => this.#failure(keeper)))).flat();
    for (const reason of storageReasons) {
      const failure = failures.find((one) => one.reason === reason);
      if (failure) throw new TestbedError(reason, await this.#describe(failure.keeper));
    }
    const forgetful = failures.find(({ reason }) => reason === forgottenMetric);
    if (forgetful) throw forgotten(forgetful.keeper);
  }

  /** Checks again and again until the signal aborts. Rejects as `check` does, or with the signal's reason. */
  async failure(signal: AbortSignal): Promise<never> {
    for (;;) {
      await sleep(everyMs, this.#clock, signal);
      await this.check();
    }
  }

  /** A service that does not answer is somebody else's matter. */
  async #failure(keeper: Keeper) {
    const [name, port] = keeper;
    const now = await port.scrape([metric, forgottenMetric], patienceMs).catch(() => undefined);
    if (!now) return [];
    const growth = grown([this.#before.get(name) ?? now, now]);
    this.#before.set(name, now);
    const failed = storageReasons.filter((reason) => total(growth, metric, `reason="${reason}"`) > 0);
    const hasForgotten = total(growth, forgottenMetric) > 0;
    return [...failed, ...(hasForgotten ? [forgottenMetric] : [])].map((reason) => ({ keeper, reason }));
  }

  async #describe([name, port]: Keeper): Promise<string> {
    const why = await port.unready().catch(() => undefined);
    // The run has paused it.
    return why === undefined || why === whilePaused
      ? `${name} could not store something for a while`
      : `${name}: ${why}`;
  }
}

const forgotten = ([name]: Keeper): TestbedError =>
  new TestbedError(
    'effects-forgotten',
    `${name} has forgotten effects of the run, since its log was full: start it with a larger EFFECTS_BYTES_MAX, or with 0 for no bound`,
  );
