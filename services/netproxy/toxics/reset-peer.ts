import { strict } from '#kit/schema/schema.ts';
import { ms } from './fields.ts';
import { toxic } from './toxic.ts';

/** Resets the connection a time after the first bytes, which are lost, or after its end; gone before, it gives them back. */
export const resetPeer = toxic({
  attributes: strict({ timeout: ms('In ms.') }),
  async pipe(stub, { timeout }) {
    const first = await stub.read();
    if (first === undefined) return;
    stub.settled = true;
    await stub.until(stub.clock.now() + timeout);
    if (stub.interrupted) await stub.write(first);
    else stub.end('reset');
  },
});
