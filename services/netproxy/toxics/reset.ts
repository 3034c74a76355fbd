import { ms, toxic } from './toxic.ts';

export const reset = toxic(
  'Resets a connection `afterMs` after its first bytes arrive, or after one side ends its stream. The first bytes are lost.',
  { afterMs: ms('Time in ms until the reset.') },
  {
    state: 'reset',
    stops: () => true,
    async pipe(stub, { afterMs }) {
      const first = await stub.read();
      if (first === undefined) return;
      await stub.until(stub.clock.now() + afterMs);
      // Removed before its time, it loses nothing.
      if (stub.interrupted) await stub.write(first);
      else stub.end('reset');
    },
  },
);
