import type { TObject } from 'typebox';
import { declare } from '#kit/fault/fault-kind.ts';
import type { NetworkFault } from '#netproxy/toxics/toxic.ts';

export const down = declare<Record<never, never>, NetworkFault<TObject<Record<never, never>>>>({
  description: 'Nobody listens, and every connection is closed.',
  state: 'down',
  exclusive: true,
  stops: () => true,
});
