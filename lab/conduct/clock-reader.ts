import { names } from '#kit/broker/names.ts';
import type { Clock } from '#kit/clock.ts';
import {
  type ClockReading,
  offsetDuring,
  type Ping,
  readClock,
  type SendPing,
} from '#lab/evidence/clocks.ts';
import type { Of } from '#lab/evidence/format.ts';
import { optionsOverTime } from '#lab/experiment/changes.ts';
import type { Variant } from '#lab/experiment/schema.ts';
import type { VariantTestbed } from './variant-testbed.ts';

type WallClocks = NonNullable<Of<'clocks'>['wallClocks']>;

interface Clocks {
  /** Pings to the processes whose clocks are read. For others, all times count as those of the lab's clock. */
  readonly processes: ReadonlyMap<string, SendPing>;
  readonly clock: Clock;
  readonly clockId?: string | undefined;
  readonly readWallClocks?: (() => Promise<WallClocks>) | undefined;
}

/** Allows for the drift of a clock since it was read. */
const slackMs = 1000;

export type ClockReader = ReturnType<typeof clockReader>;

/** Reads the clocks of processes before and after the load, and converts their times to the lab's clock. */
export function clockReader({ processes, clock, clockId, readWallClocks }: Clocks) {
  const readings = new Map<string, ClockReading[]>();
  const wallClocks: WallClocks = [];
  const offsetOf = (process: string) => offsetDuring(readings.get(process) ?? []);
  return {
    /** Reads all clocks, one after another, since pings at the same time delay each other. */
    async read(): Promise<void> {
      for (const [process, ping] of processes) {
        const reading = await readClock(ping, clock, clockId);
        readings.set(process, [...(readings.get(process) ?? []), reading]);
      }
      wallClocks.push(...((await readWallClocks?.()) ?? []));
    },
    toLab: (process: string, ms: number): number => ms - offsetOf(process).offsetMs,
    /** Returns a time on the clock of a process that is certainly not later than a time on the lab's clock. */
    notLater(process: string, labMs: number): number {
      const { offsetMs, errorMs } = offsetOf(process);
      return offsetMs === 0 ? labMs : labMs + offsetMs - errorMs - slackMs;
    },
    /** Returns the record. `effects` has the number of lines in the effect log, by process. */
    record: (effects: ReadonlyMap<string, number>): Of<'clocks'> => ({
      record: 'clocks',
      processes: Array.from(readings, ([process, readings]) => {
        const lines = effects.get(process);
        return { process, readings, ...(lines !== undefined && { effects: lines }) };
      }),
      ...(readWallClocks && { wallClocks }),
    }),
  };
}

/** True if the consumer subtracts the time at which the broker stored an event from its own time. */
export const comparesWallClocks = (variant: Variant): boolean =>
  variant.path === 'event' &&
  optionsOverTime(variant).some(({ policies }) => policies.some((policy) => 'deadline' in policy));

/** Reads wall clocks. Offsets are from the lab's monotonic clock, so only their differences have a meaning. */
export async function wallClocksOf({
  broker,
  controls,
  clock,
}: Pick<VariantTestbed, 'broker' | 'controls' | 'clock'>): Promise<WallClocks> {
  const manager = await broker.manager();
  // Servers before version 2.10 don't tell their time.
  if ((await manager.consumers.info(names.stream, names.consumer)).ts === undefined) return [];
  const ofBroker = async (): Promise<Ping> => {
    const sentAtMs = clock.now();
    const { ts = '' } = await manager.consumers.info(names.stream, names.consumer);
    return wholeMs(Date.parse(ts), { sentAtMs, returnedAtMs: clock.now() });
  };
  const pings = [...controls.consumer.processes].map(
    ([name, port]) => [name, async () => port.ping().then((ping) => wholeMs(ping.wallMs, ping))] as const,
  );
  const read: WallClocks = [];
  for (const [process, ping] of [['broker', ofBroker] as const, ...pings]) {
    const { atMs, offsetMs, errorMs } = await readClock(ping, clock, undefined);
    read.push({ process, atMs, offsetMs, errorMs });
  }
  return read;
}

/** Returns a ping of a clock whose time is cut to whole milliseconds. */
const wholeMs = (ms: number, { sentAtMs, returnedAtMs }: Pick<Ping, 'sentAtMs' | 'returnedAtMs'>): Ping => ({
  sentAtMs,
  receivedAtMs: ms + 1,
  answeredAtMs: ms,
  returnedAtMs,
});
