import { strict } from '#kit/schema/schema.ts';
import { ms } from './fields.ts';
import { toxic } from './toxic.ts';

/** Passes the end of the stream on only after a delay. */
export const slowClose = toxic({
  attributes: strict({ delay: ms('In ms.') }),
  async pipe(stub, { delay }) {
    for (let item = await stub.read(); item !== undefined; item = await stub.read()) {
      if ('end' in item) await stub.until(stub.clock.now() + delay);
      await stub.write(item);
    }
  },
});
