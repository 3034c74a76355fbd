import { ms, toxic } from './toxic.ts';

/**
 * Drops all bytes, and closes the connection after `timeout` ms. With 0, the connection stays open until the toxic is
 * removed.
 */
export const timeout = toxic({
  attributes: { timeout: ms('Time in ms until the connection is closed; 0 leaves it open.') },
  final: true,
  async pipe(stub, { timeout }) {
    let byMs = timeout > 0 ? stub.clock.now() + timeout : undefined;
    for (let item = await stub.read(byMs); item !== undefined; item = await stub.read(byMs)) {
      if (!('end' in item)) continue;
      await stub.write(item);
      // The stream has ended before the timeout. Reading goes on, since a reset may follow.
      byMs = undefined;
    }
    if (!stub.interrupted) stub.end('close');
  },
});
