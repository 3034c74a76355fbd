import type { Clock } from '#kit/clock.ts';
import { type ClockReading, offsetDuring, readClock, type SendPing } from '#lab/evidence/clocks.ts';
import type { Of } from '#lab/evidence/format.ts';

type WallClocks = NonNullable<Of<'clocks'>['wallClocks']>;

interface Clocks {
  /** Pings to the processes whose clocks are read. For others, all times count as those of the lab's clock. */
  readonly processes: ReadonlyMap<string, SendPing>;
  readonly clock: Clock;
  /** Id of the lab's clock, if the system has one. */
  readonly clockId?: string | undefined;
  /** Reads wall clocks. */
  readonly readWallClocks?: (() => Promise<WallClocks>) | undefined;
}

/** Reads the clocks of processes before and after the load, and converts their times to the lab's clock. */
export class ClockReader {
  readonly #pings: ReadonlyMap<string, SendPing>;
  readonly #clock: Clock;
  readonly #clockId: string | undefined;
  readonly #readings = new Map<string, ClockReading[]>();
  readonly #readWallClocks: (() => Promise<WallClocks>) | undefined;
  readonly #wallClocks: WallClocks = [];

  constructor({ processes, clock, clockId, readWallClocks }: Clocks) {
    this.#clockId = clockId;
    this.#readWallClocks = readWallClocks;
    this.#pings = processes;
    this.#clock = clock;
  }

  /** Reads all clocks, one after another, since pings at the same time delay each other. */
  async read(): Promise<void> {
    for (const [process, ping] of this.#pings) {
      const reading = await readClock(ping, this.#clock, this.#clockId);
      this.#readings.set(process, [...(this.#readings.get(process) ?? []), reading]);
    }
    this.#wallClocks.push(...((await this.#readWallClocks?.()) ?? []));
  }

  /** Converts a time of a process to the lab's clock. */
  toLab(process: string, ms: number): number {
    return ms - offsetDuring(this.#readings.get(process) ?? []).offsetMs;
  }

  /** Returns a time on the clock of a process that is certainly not later than a time on the lab's clock. */
  notLater(process: string, labMs: number): number {
    const { offsetMs, errorMs } = offsetDuring(this.#readings.get(process) ?? []);
    return offsetMs === 0 ? labMs : labMs + offsetMs - errorMs - slackMs;
  }

  /** Returns the record. `effects` has the number of lines in the effect log, by process. */
  record(effects: ReadonlyMap<string, number>): Of<'clocks'> {
    const processes = [...this.#readings].map(([process, readings]) => {
      const lines = effects.get(process);
      return {
        process,
        readings,
        ...(lines !== undefined && { effects: lines }),
      };
    });
    return { record: 'clocks', processes, ...(this.#readWallClocks && { wallClocks: this.#wallClocks }) };
  }
}

/** Allows for the drift of a clock since it was read. */
const slackMs = 1000;
