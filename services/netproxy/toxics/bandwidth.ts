import { number } from '#kit/schema/schema.ts';
import { toxic } from './toxic.ts';

/** Longest slice under a limited bandwidth, as the time that it takes. */
const sliceMs = 100;

/** Limits the bytes to `rate` kilobytes (1000 bytes) per second. With a rate of 0, holds all bytes. */
export const bandwidth = toxic({
  attributes: { rate: number({ from: 0, to: 2 ** 31, default: 0 }, 'Kilobytes per second, of 1,000 bytes.') },
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
