import { ms, toxic, toxicFault } from './toxic.ts';

/** Passes the end of the stream on only after a delay. */
export const slowClose = toxic({
  attributes: { delay: ms('In ms.') },
  async pipe(stub, { delay }) {
    for (let item = await stub.read(); item !== undefined; item = await stub.read()) {
      if ('end' in item) await stub.until(stub.clock.now() + delay);
      await stub.write(item);
    }
  },
});

export const slowCloseFault = toxicFault(slowClose, {
  type: 'slow_close',
  description: 'Delays the end of a connection.',
  state: 'slow to close',
  options: { delayMs: 'delay' },
  required: ['delayMs'],
});
