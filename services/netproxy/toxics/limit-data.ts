import { strict } from '#kit/schema/schema.ts';
import { bytes } from './fields.ts';
import { toxic } from './toxic.ts';

/** Closes the connection when so many bytes have passed. */
export const limitData = toxic({
  attributes: strict({ bytes: bytes(0, 'That pass.') }),
  async pipe(stub, { bytes }) {
    for await (const { data, atMs } of stub.chunks()) {
      const left = Math.max(0, bytes - stub.written);
      if (left > 0) await stub.write({ data: data.subarray(0, left), atMs });
      if (stub.written >= bytes) return stub.end('close');
    }
  },
});
