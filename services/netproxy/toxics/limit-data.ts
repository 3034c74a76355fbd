import { integer } from '#kit/schema/schema.ts';
import { bytesMax, toxic } from './toxic.ts';

/** Closes the connection when `bytes` bytes have passed. */
export const limitData = toxic({
  attributes: { bytes: integer({ from: 0, to: bytesMax, default: 0 }, 'Bytes that pass before the close.') },
  async pipe(stub, { bytes }) {
    for await (const { data, atMs } of stub.chunks()) {
      const left = Math.max(0, bytes - stub.written);
      if (left > 0) await stub.write({ data: data.subarray(0, left), atMs });
      if (stub.written >= bytes) return stub.end('close');
    }
  },
});
