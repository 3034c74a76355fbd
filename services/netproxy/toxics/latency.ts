import { ms, toxic, toxicFault } from './toxic.ts';

/** Delays all bytes by latency ± jitter, in order; the end waits only for the bytes before it. */
export const latency = toxic({
  attributes: { latency: ms('In ms.'), jitter: ms('In ms, uniform, plus or minus.') },
  bufferBytes: 32 * 1024 * 1024,
  async pipe(stub, { latency, jitter }) {
    for await (const { data, atMs } of stub.chunks()) {
      const atLeastMs = atMs + Math.max(0, latency + (2 * stub.random() - 1) * jitter);
      await stub.until(atLeastMs);
      await stub.write({ data, atMs: Math.max(atLeastMs, stub.clock.now()) });
    }
  },
});

export const latencyFault = toxicFault(latency, {
  type: 'latency',
  description: 'Bytes arrive later, in order.',
  state: 'delayed',
  options: { latencyMs: 'latency', jitterMs: 'jitter' },
  required: ['latencyMs'],
});
