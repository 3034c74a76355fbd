import type { TObject } from 'typebox';
import { declare } from '#kit/fault/fault-kind.ts';
import type { NetworkFault } from '#netproxy/toxics/toxic.ts';

export const down = declare<Record<never, never>, NetworkFault<TObject<Record<never, never>>>>({
  description: 'The port is closed, and so is every connection.',
  state: 'down',
  exclusive: true,
  stops: () => true,
});
