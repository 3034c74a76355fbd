import { ms, requiredMs, toxic } from './toxic.ts';

/** Delays all bytes by latency ± jitter. The end of the stream is not delayed further. */
export const latency = toxic(
  'Bytes arrive later, in order.',
  {
    latencyMs: requiredMs('Delay in ms.'),
    jitterMs: ms(
      'Largest random change of the delay in ms, plus or minus. All changes up to it are equally likely.',
    ),
  },
  {
    state: 'delayed',
    bufferBytes: 32 * 1024 * 1024,
    async pipe(stub, { latencyMs, jitterMs }) {
      for await (const { data, atMs } of stub.chunks()) {
        const atLeastMs = atMs + Math.max(0, latencyMs + (2 * stub.random() - 1) * jitterMs);
        await stub.until(atLeastMs);
        await stub.write({ data, atMs: Math.max(atLeastMs, stub.clock.now()) });
      }
    },
  },
);
