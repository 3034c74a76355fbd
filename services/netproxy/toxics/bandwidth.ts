import { number } from '#kit/schema/schema.ts';
import { toxic } from './toxic.ts';

/** Longest slice under a limited bandwidth, as the time that it takes. */
const sliceMs = 100;

export const bandwidth = toxic(
  'Limits bytes per second. A limit of 0 holds all bytes until the fault is cleared.',
  { kilobytesPerSecond: number({ from: 0, to: 2 ** 31 }, 'Kilobytes per second, of 1,000 bytes.') },
  {
    state: 'narrowed',
    stops: ({ kilobytesPerSecond }) => kilobytesPerSecond === 0,
    async pipe(stub, { kilobytesPerSecond: bytesPerMs }) {
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
  },
);
