import { ms, toxic } from './toxic.ts';

/**
 * Resets the connection `timeout` ms after its first bytes arrive, or after one side ends its stream. The first bytes
 * are lost, unless the toxic is removed before.
 */
export const resetPeer = toxic({
  attributes: { timeout: ms('Time in ms until the reset.') },
  async pipe(stub, { timeout }) {
    const first = await stub.read();
    if (first === undefined) return;
    await stub.until(stub.clock.now() + timeout);
    if (stub.interrupted) await stub.write(first);
    else stub.end('reset');
  },
});
