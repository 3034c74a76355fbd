import { ms, toxic, toxicFault } from './toxic.ts';

/** Resets the connection some time after the first bytes, which are lost, or after its end. If removed earlier, it forwards them. */
export const resetPeer = toxic({
  attributes: { timeout: ms('In ms.') },
  async pipe(stub, { timeout }) {
    const first = await stub.read();
    if (first === undefined) return;
    stub.settled = true;
    await stub.until(stub.clock.now() + timeout);
    if (stub.interrupted) await stub.write(first);
    else stub.end('reset');
  },
});

export const reset = toxicFault(resetPeer, {
  type: 'reset_peer',
  description: 'Sends a TCP reset so long after the first bytes, which are lost.',
  state: 'reset',
  options: { afterMs: 'timeout' },
  stops: () => true,
  // Not what delays the first bytes, and the reset with them.
  masks: ({ afterMs }) => (afterMs === 0 ? ['slicer', 'limit-data'] : []),
});
