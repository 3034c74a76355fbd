import type { Clock } from '#kit/clock.ts';
import { clockId } from '#kit/process/clock-id.ts';
import { type ClockReading, onLabClock } from '#lab/evidence/clocks.ts';
import type { Of } from '#lab/evidence/format.ts';
import { type Ping, readClock } from '#lab/testbed/clock-offset.ts';

type WallClocks = NonNullable<Of<'clocks'>['wallClocks']>;

/** Sends a ping to a process. Rejects with TestbedError. */
type SendPing = (withinMs?: number) => Promise<Ping>;

/** Timeout of a ping, and of all pings, during the load. A process that has just been restarted may answer late. */
const againWithinMs = 1000;

/** Reads the clocks of processes before, during and after the load, and converts their times to the lab's clock. */
export class ClockReader {
  readonly #pings: ReadonlyMap<string, SendPing>;
  readonly #clock: Clock;
  readonly #readings = new Map<string, ClockReading[]>();

  readonly #readWallClocks: (() => Promise<WallClocks>) | undefined;
  readonly #wallClocks: WallClocks = [];

  /**
   * `pings` has the processes whose clocks are read. For others, all times count as those of the lab's clock. With
   * `readWallClocks`, also reads wall clocks.
   */
  constructor(
    pings: ReadonlyMap<string, SendPing>,
    clock: Clock,
    readWallClocks?: () => Promise<WallClocks>,
  ) {
    this.#readWallClocks = readWallClocks;
    this.#pings = pings;
    this.#clock = clock;
  }

  /** Reads all clocks, one after another, since pings at the same time delay each other. */
  async read(): Promise<void> {
    for (const process of this.#pings.keys()) await this.#read(process);
    this.#wallClocks.push(...((await this.#readWallClocks?.()) ?? []));
  }

  /**
   * Reads the clocks of processes just before they may be killed, or when they are back. Skips those that don't respond
   * in time, since `read` follows later.
   */
  async again(processes: readonly string[], withinMs = againWithinMs): Promise<void> {
    await Promise.all(processes.map((process) => this.#read(process, withinMs).catch(() => undefined)));
  }

  /** Converts a time of a process to the lab's clock. */
  toLab(process: string, ms: number): number {
    const readings = this.#readings.get(process);
    return readings ? onLabClock(readings, ms).ms : ms;
  }

  /** Returns a time on the clock of a process that is certainly not later than a time on the lab's clock. */
  notLater(process: string, labMs: number): number {
    const own = (this.#readings.get(process) ?? []).filter(({ shared }) => !shared);
    if (own.length === 0) return labMs;
    return Math.min(...own.map(({ offsetMs, errorMs }) => labMs + offsetMs - errorMs - slackMs));
  }

  /** Returns the record. `effects` has the number of lines in the effect log, by process. */
  record(effects: ReadonlyMap<string, number>): Of<'clocks'> {
    const processes = [...this.#readings].map(([process, readings]) => {
      const lines = effects.get(process);
      const rising = readings.toSorted((a, b) => a.atMs - b.atMs);
      return { process, readings: rising, ...(lines !== undefined && { effects: lines }) };
    });
    return { record: 'clocks', processes, ...(this.#readWallClocks && { wallClocks: this.#wallClocks }) };
  }

  async #read(process: string, withinMs?: number): Promise<void> {
    const ping = this.#pings.get(process);
    if (!ping) return;
    const reading = await readClock(() => ping(withinMs), { clock: this.#clock, id: clockId, withinMs });
    this.#readings.set(process, [...(this.#readings.get(process) ?? []), reading]);
  }
}

/** Allows for the drift of a clock since it was read. */
const slackMs = 1000;
