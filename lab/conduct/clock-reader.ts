import type { Clock } from '#kit/clock.ts';
import {
  type ClockReading,
  loadOffsetMs,
  offsetDuring,
  readClock,
  type SendPing,
} from '#lab/evidence/clocks.ts';
import type { Of } from '#lab/evidence/format.ts';

type WallClocks = NonNullable<Of<'clocks'>['wallClocks']>;

interface Clocks {
  /** Pings to the processes whose clocks are read. For others, all times count as those of the lab's clock. */
  readonly processes: ReadonlyMap<string, SendPing>;
  /** Pings to load agents, by name. */
  readonly agents?: ReadonlyMap<string, SendPing> | undefined;
  readonly clock: Clock;
  /** Id of the lab's clock, if the system has one. */
  readonly clockId?: string | undefined;
  /** Reads wall clocks. */
  readonly readWallClocks?: (() => Promise<WallClocks>) | undefined;
}

/** Name of a load agent in the evidence. An agent may have the name of a service. */
const ofAgent = (name: string): string => `load agent ${name}`;

/** Reads the clocks of processes before and after the load, and converts their times to the lab's clock. */
export class ClockReader {
  readonly #pings: ReadonlyMap<string, SendPing>;
  readonly #agents: readonly string[];
  readonly #clock: Clock;
  readonly #clockId: string | undefined;
  readonly #readings = new Map<string, ClockReading[]>();
  readonly #readWallClocks: (() => Promise<WallClocks>) | undefined;
  readonly #wallClocks: WallClocks = [];

  constructor({ processes, agents = new Map(), clock, clockId, readWallClocks }: Clocks) {
    this.#clockId = clockId;
    this.#readWallClocks = readWallClocks;
    this.#agents = [...agents.keys()];
    this.#pings = new Map([
      ...processes,
      ...[...agents].map(([name, ping]) => [ofAgent(name), ping] as const),
    ]);
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

  /** Time on the clock of each load agent minus time on the lab's clock, by the first reading. */
  get agentOffsetsMs(): ReadonlyMap<string, number> {
    return new Map(this.#agents.map((name) => [name, loadOffsetMs(this.#readings.get(ofAgent(name)) ?? [])]));
  }

  /** Returns the record. `effects` has the number of lines in the effect log, by process. */
  record(effects: ReadonlyMap<string, number>): Of<'clocks'> {
    const agents = new Set(this.#agents.map(ofAgent));
    const processes = [...this.#readings].map(([process, readings]) => {
      const lines = effects.get(process);
      return {
        process,
        readings,
        ...(agents.has(process) && { agent: true }),
        ...(lines !== undefined && { effects: lines }),
      };
    });
    return { record: 'clocks', processes, ...(this.#readWallClocks && { wallClocks: this.#wallClocks }) };
  }
}

/** Allows for the drift of a clock since it was read. */
const slackMs = 1000;
