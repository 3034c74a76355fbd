import type { RunStatus } from '#downstream/run/config.ts';
import type { Clock, Timer } from '#kit/clock.ts';
import type { Experiment, Fault } from '#lab/experiment/schema.ts';
import type { Control } from '#lab/testbed/control.ts';
import { phaseSpans } from '#load/phases.ts';
import type { Counts } from '#load/protocol.ts';

const renewEveryMs = 1000;
const leaseMs = 5000;
const patienceMs = 1000;

type News = Omit<RunStatus, 'leaseMs' | 'phase'> & { readonly phase?: string | undefined };

/**
 * Tells downstream what the run is at, for whoever watches: at every change, and each second while nothing changes. No more
 * than one word is on its way at once, nobody waits for it, and a downstream that doesn't listen is left alone.
 */
export class Announcement {
  readonly #downstream: Pick<Control, 'request' | 'close'>;
  readonly #clock: Clock;
  #news: News | undefined;
  #delivery: Promise<void> | undefined;
  #isOutdated = false;
  #isRefused = false;
  #isOver = false;
  #timer: Timer;

  /** Closes `downstream` in the end. */
  constructor(downstream: Pick<Control, 'request' | 'close'>, clock: Clock) {
    this.#downstream = downstream;
    this.#clock = clock;
  }

  /** Says all that is to be known. */
  tell(news: News): void {
    this.#news = news;
    this.#send();
  }

  /** Says what is different. */
  change(news: Partial<News>): void {
    if (this.#news) this.tell({ ...this.#news, ...news });
  }

  /** Says that there is no run any more; resolves when that is said, or can't be. */
  async stop(): Promise<void> {
    this.#isOver = true;
    this.#clock.cancel(this.#timer);
    await this.#delivery;
    if (this.#news && !this.#isRefused) await this.#ask('DELETE');
    await this.#downstream.close();
  }

  #send(): void {
    this.#isOutdated = true;
    this.#delivery ??= this.#deliver();
  }

  async #deliver(): Promise<void> {
    this.#clock.cancel(this.#timer);
    while (this.#isOutdated && !this.#isRefused) {
      this.#isOutdated = false;
      await this.#ask('PUT', { ...this.#news, leaseMs });
    }
    this.#delivery = undefined;
    if (!this.#isOver && !this.#isRefused) this.#timer = this.#clock.after(renewEveryMs, () => this.#send());
  }

  async #ask(method: 'PUT' | 'DELETE', body?: object): Promise<void> {
    await this.#downstream.request(method, '/run', body, patienceMs).catch((error: Error) => {
      // An older one, which knows nothing of runs.
      if (error.name === 'downstream-refused') this.#isRefused = true;
    });
  }
}

/** Announces a variant that begins, and returns what goes on to tell of it. */
export function announceVariant(announcement: Announcement, experiment: Experiment, name: string) {
  const { variants, deadlineMs, load } = experiment;
  const phases = phaseSpans(load);
  const phaseAt = (ms: number) => phases.find(({ span }) => ms >= span.fromMs && ms < span.untilMs)?.name;
  const { path } = variants[name]!;
  announcement.tell({ variant: name, path, deadlineMs, faults: [], offered: 0, ended: {} });
  return {
    counted({ elapsedMs, offered, outcomes: { pending: _, ...ended } }: Counts): void {
      announcement.change({ offered, ended, phase: phaseAt(elapsedMs) });
    },
    broken(faults: readonly Fault[]): void {
      const active = faults.map(({ name, target, fault }) => ({ name, target, kind: fault.kind }));
      announcement.change({ faults: active });
    },
    /** What is pending now remains so. */
    over({ offered, outcomes }: Counts): void {
      announcement.change({ offered, ended: outcomes, phase: undefined });
    },
  };
}
