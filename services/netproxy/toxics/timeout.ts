import { ms, toxic, toxicFault } from './toxic.ts';

/** Swallows all bytes, and closes the connection after a time; 0 leaves it open until the toxic is removed. */
export const timeout = toxic({
  attributes: { timeout: ms('In ms; 0 leaves the connection open.') },
  final: true,
  async pipe(stub, { timeout }) {
    let byMs = timeout > 0 ? stub.clock.now() + timeout : undefined;
    for (let item = await stub.read(byMs); item !== undefined; item = await stub.read(byMs)) {
      if (!('end' in item)) continue;
      await stub.write(item);
      // Its end came in time; a reset may still follow.
      byMs = undefined;
    }
    if (!stub.interrupted) stub.end('close');
  },
});

export const blackhole = toxicFault(timeout, {
  type: 'timeout',
  description: 'Drops all bytes of open connections, until the fault is cleared or the time is over.',
  state: 'cut off',
  options: { closeAfterMs: 'timeout' },
  stops: () => true,
  masks: () => ['latency', 'bandwidth', 'slicer'],
});
