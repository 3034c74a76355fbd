import { names } from '#kit/broker/names.ts';
import { type Ping, readClock } from '#lab/evidence/clocks.ts';
import type { Of } from '#lab/evidence/format.ts';
import type { Variant } from '#lab/experiment/schema.ts';
import type { VariantTestbed } from './variant-testbed.ts';

type WallClocks = NonNullable<Of<'clocks'>['wallClocks']>;

/** True if the consumer subtracts the time at which the broker stored an event from its own time. */
export const comparesWallClocks = ({ path, policies }: Pick<Variant, 'path' | 'policies'>): boolean =>
  path === 'event' && policies.some((policy) => 'deadline' in policy);

/**
 * Reads the wall clocks of the broker and the consumers. Offsets are from the lab's monotonic clock, so only their
 * differences have a meaning.
 */
export async function readWallClocks({
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
