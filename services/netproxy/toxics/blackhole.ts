import { ms, toxic } from './toxic.ts';

export const blackhole = toxic(
  'Drops all bytes of open connections, until the fault is cleared or `closeAfterMs` is over.',
  { closeAfterMs: ms('Time in ms until the connection is closed; 0 leaves it open.') },
  {
    state: 'cut off',
    stops: () => true,
    final: true,
    async pipe(stub, { closeAfterMs }) {
      let byMs = closeAfterMs > 0 ? stub.clock.now() + closeAfterMs : undefined;
      for (let item = await stub.read(byMs); item !== undefined; item = await stub.read(byMs)) {
        if (!('end' in item)) continue;
        await stub.write(item);
        // The stream has ended before that time. Reading goes on, since a reset may follow.
        byMs = undefined;
      }
      if (!stub.interrupted) stub.end('close');
    },
  },
);
