import { bytes, toxic, toxicFault } from './toxic.ts';

/** Closes the connection when `bytes` have passed. */
export const limitData = toxic({
  attributes: { bytes: bytes(0, 'Bytes that pass before the close.') },
  async pipe(stub, { bytes }) {
    for await (const { data, atMs } of stub.chunks()) {
      const left = Math.max(0, bytes - stub.written);
      if (left > 0) await stub.write({ data: data.subarray(0, left), atMs });
      if (stub.written >= bytes) return stub.end('close');
    }
  },
});

export const limitDataFault = toxicFault(limitData, {
  type: 'limit_data',
  description: 'Closes a connection after so many bytes.',
  state: 'limited',
  options: { bytes: 'bytes' },
  required: ['bytes'],
  stops: ({ bytes }) => bytes === 0,
  masks: ({ bytes }) => (bytes === 0 ? ['slicer'] : []),
});
