import { strict } from '#kit/schema/schema.ts';
import { ms } from './fields.ts';
import { toxic } from './toxic.ts';

/** Swallows all bytes, and closes the connection after a time; 0 leaves it open until the toxic goes. */
export const timeout = toxic({
  attributes: strict({ timeout: ms('In ms; 0 leaves the connection open.') }),
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
