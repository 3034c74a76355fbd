import { ms, toxic } from './toxic.ts';

/** Delays all bytes by latency ± jitter, and keeps their order. The end of the stream is not delayed further. */
export const latency = toxic({
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
