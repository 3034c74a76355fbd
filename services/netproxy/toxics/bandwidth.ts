import { Type } from '#kit/schema/type.ts';
import { toxic, toxicFault } from './toxic.ts';

/** Longest slice, as time at the rate. */
const sliceMs = 100;

/** Lets at most `rate` kilobytes (of 1000 bytes) a second pass; 0 lets none. */
export const bandwidth = toxic({
  attributes: {
    rate: Type.Number({ default: 0, minimum: 0, maximum: 2 ** 31, description: 'In KB/s.' }),
  },
  async pipe(stub, { rate: bytesPerMs }) {
    let freeAtMs = 0;
    for await (const { data, atMs } of stub.chunks()) {
      for (let from = 0; from < data.length; ) {
        // Interrupted, the rest goes on as one.
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

export const bandwidthFault = toxicFault(bandwidth, {
  type: 'bandwidth',
  description: 'Limits bytes per second; 0 holds all bytes until the fault is cleared.',
  state: 'narrowed',
  options: { kilobytesPerSecond: 'rate' },
  required: ['kilobytesPerSecond'],
  stops: ({ kilobytesPerSecond }) => kilobytesPerSecond === 0,
});
