import { ms, toxic } from './toxic.ts';

/** Delays only the end of the stream. */
export const slowClose = toxic({
  attributes: { delay: ms('Delay in ms.') },
  async pipe(stub, { delay }) {
    for (let item = await stub.read(); item !== undefined; item = await stub.read()) {
      if ('end' in item) await stub.until(stub.clock.now() + delay);
      await stub.write(item);
    }
  },
});
