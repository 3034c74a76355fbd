import type { Static, TInteger, TNumber, TObject } from 'typebox';
import type { Random } from '#kit/random.ts';
import { type Problem, within } from '#kit/schema/problems.ts';
import { integer, number, strict, tagged } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';
import type { Stub } from './stub.ts';

/** Directions of a connection: from client to upstream, and back. */
export const streams = ['upstream', 'downstream'] as const;
export type Stream = (typeof streams)[number];

type Attributes = Record<string, TNumber | TInteger>;

/** Kind of toxic. A toxic affects the bytes in one direction of a connection. */
interface Toxic<A extends Attributes> {
  readonly attributes: A;
  /** Returns problems of the attributes that their schema can't detect. */
  readonly check?: (attributes: Static<TObject<A>>) => Problem[];
  /** Limit on the bytes that are buffered before the toxic. @default 256 KiB */
  readonly bufferBytes?: number;
  /** True if the toxic drops bytes, so that connections must end when it is removed. */
  readonly final?: boolean;
  /** Moves bytes from input to output, until the connection ends or the stub is interrupted. */
  readonly pipe: (stub: Stub, attributes: Static<TObject<A>>) => Promise<void>;
}

const toxic = <A extends Attributes>(kind: Toxic<A>): Toxic<A> => kind;

const ms = (description: string) => integer(0, 3_600_000, description, 0);

/** Highest possible size in bytes: 1 TiB. */
const bytesMax = 2 ** 40;

/** Delays all bytes by latency ± jitter, and keeps their order. The end of the stream is not delayed further. */
const latency = toxic({
  attributes: {
    latency: ms('Delay in ms.'),
    jitter: ms(
      'Largest random change of the delay in ms, plus or minus. All changes up to it are equally likely.',
    ),
  },
  bufferBytes: 32 * 1024 * 1024,
  async pipe(stub, { latency, jitter }) {
    for await (const { data, atMs } of stub.chunks()) {
      const atLeastMs = atMs + Math.max(0, latency + (2 * stub.random() - 1) * jitter);
      await stub.until(atLeastMs);
      await stub.write({ data, atMs: Math.max(atLeastMs, stub.clock.now()) });
    }
  },
});

/** Longest slice under a limited bandwidth, as the time that it takes. */
const sliceMs = 100;

/** Limits the bytes to `rate` kilobytes (1000 bytes) per second. With a rate of 0, holds all bytes. */
const bandwidth = toxic({
  attributes: { rate: number(0, 2 ** 31, 'Kilobytes per second, of 1,000 bytes.', 0) },
  async pipe(stub, { rate: bytesPerMs }) {
    let freeAtMs = 0;
    for await (const { data, atMs } of stub.chunks()) {
      for (let from = 0; from < data.length; ) {
        // After an interrupt, the remaining bytes are sent as one slice.
        const slice = stub.interrupted
          ? data.subarray(from)
          : data.subarray(from, from + Math.max(1, Math.ceil(bytesPerMs * sliceMs)));
        freeAtMs = Math.max(freeAtMs, atMs) + slice.length / bytesPerMs;
        await stub.until(freeAtMs);
        await stub.write({ data: slice, atMs });
        from += slice.length;
      }
    }
  },
});

/** Cuts incoming bytes into slices, with a pause after each slice. */
const slicer = toxic({
  attributes: {
    average_size: integer(1, bytesMax, 'Average size of a slice, in bytes.'),
    size_variation: integer(
      0,
      bytesMax,
      'Largest random change of the size in bytes, plus or minus; less than the average size.',
      0,
    ),
    delay: integer(0, 3_600_000_000, 'Pause after each slice, in µs.', 0),
  },
  check({ average_size, size_variation }) {
    if (size_variation < average_size) return [];
    const message = `expected less than the average, which is ${average_size}`;
    return [{ pointer: '/size_variation', message }];
  },
  async pipe(stub, { average_size, size_variation, delay }) {
    let atLeastMs = 0;
    for await (const { data, atMs } of stub.chunks()) {
      for (const slice of slices(data, average_size, size_variation, stub.random)) {
        await stub.write({ data: slice, atMs });
        // Adds the pause to the scheduled time, not to the current time, so that pauses below a timer's resolution are
        // exact on average.
        atLeastMs = Math.max(atLeastMs, atMs) + delay / 1000;
        await stub.until(atLeastMs);
      }
    }
  },
});

/**
 * Halves the bytes repeatedly, at a random place around the middle, until each part has at most average plus variation.
 */
function slices(data: Uint8Array, average: number, variation: number, random: Random): Uint8Array[] {
  if (data.length <= average + variation) return [data];
  const middle = Math.floor(data.length / 2 + (2 * random() - 1) * variation);
  const at = Math.min(Math.max(middle, 1), data.length - 1);
  return [data.subarray(0, at), data.subarray(at)].flatMap((half) =>
    slices(half, average, variation, random),
  );
}

/** Delays only the end of the stream. */
const slowClose = toxic({
  attributes: { delay: ms('Delay in ms.') },
  async pipe(stub, { delay }) {
    for (let item = await stub.read(); item !== undefined; item = await stub.read()) {
      if ('end' in item) await stub.until(stub.clock.now() + delay);
      await stub.write(item);
    }
  },
});

/**
 * Drops all bytes, and closes the connection after `timeout` ms. With 0, the connection stays open until the toxic is
 * removed.
 */
const timeout = toxic({
  attributes: { timeout: ms('Time in ms until the connection is closed; 0 leaves it open.') },
  final: true,
  async pipe(stub, { timeout }) {
    let byMs = timeout > 0 ? stub.clock.now() + timeout : undefined;
    for (let item = await stub.read(byMs); item !== undefined; item = await stub.read(byMs)) {
      if (!('end' in item)) continue;
      await stub.write(item);
      // The stream has ended before the timeout. Reading goes on, since a reset may follow.
      byMs = undefined;
    }
    if (!stub.interrupted) stub.end('close');
  },
});

/**
 * Resets the connection `timeout` ms after its first bytes arrive, or after one side ends its stream. The first bytes
 * are lost, unless the toxic is removed before.
 */
const resetPeer = toxic({
  attributes: { timeout: ms('Time in ms until the reset.') },
  async pipe(stub, { timeout }) {
    const first = await stub.read();
    if (first === undefined) return;
    stub.settled = true;
    await stub.until(stub.clock.now() + timeout);
    if (stub.interrupted) await stub.write(first);
    else stub.end('reset');
  },
});

/** Closes the connection when `bytes` bytes have passed. */
const limitData = toxic({
  attributes: { bytes: integer(0, bytesMax, 'Bytes that pass before the close.', 0) },
  async pipe(stub, { bytes }) {
    for await (const { data, atMs } of stub.chunks()) {
      const left = Math.max(0, bytes - stub.written);
      if (left > 0) await stub.write({ data: data.subarray(0, left), atMs });
      if (stub.written >= bytes) return stub.end('close');
    }
  },
});

export const toxicKinds = {
  latency,
  bandwidth,
  slicer,
  slow_close: slowClose,
  timeout,
  reset_peer: resetPeer,
  limit_data: limitData,
};
export type ToxicKinds = typeof toxicKinds;

export const isToxicType = (type: unknown): type is keyof ToxicKinds =>
  typeof type === 'string' && Object.hasOwn(toxicKinds, type);

const specOf = <A extends Attributes>(attributes: A) =>
  strict({
    name: Type.String({ minLength: 1, maxLength: 200 }),
    stream: Type.Unsafe<Stream>({ enum: streams, default: 'downstream' }),
    toxicity: number(0, 1, 'Share of connections that the toxic affects.', 1),
    attributes: strict(attributes, { default: {} }),
  });

/** Toxic as the API shows it. */
export const ToxicSpec = tagged(
  'type',
  Object.fromEntries(
    Object.entries(toxicKinds).map(([type, { attributes }]) => [type, specOf<Attributes>(attributes)]),
  ) as { [T in keyof ToxicKinds]: ReturnType<typeof specOf<ToxicKinds[T]['attributes']>> },
);
export type ToxicSpec = Static<typeof ToxicSpec>;

export const toxicOf = ({ type }: ToxicSpec) => toxicKinds[type] as unknown as Toxic<never>;

/** Reports problems of a toxic that its schema can't detect. */
export const checkToxic = (toxic: ToxicSpec): Problem[] =>
  within('/attributes', toxicOf(toxic).check?.(toxic.attributes as never) ?? []);

/** Moves bytes through a toxic, until the connection ends or the stub is interrupted. */
export const pipe = (toxic: ToxicSpec, stub: Stub): Promise<void> =>
  toxicOf(toxic).pipe(stub, toxic.attributes as never);
