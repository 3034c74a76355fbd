import type { Static, TObject } from 'typebox';
import type { Problem } from '#kit/schema/problems.ts';
import { strict, taggedKinds } from '#kit/schema/schema.ts';
import type { ToxicSpec } from '#netproxy/toxics/kinds.ts';
import { type Kind, toxic } from './kind.ts';

/** Every fault of the network; a new one is a line here. */
export const faultKinds = {
  latency: toxic({
    type: 'latency',
    needs: { latencyMs: 'latency' },
    takes: { jitterMs: 'jitter' },
    done: 'delayed',
    does: 'Bytes arrive later, in order.',
  }),
  bandwidth: toxic({
    type: 'bandwidth',
    needs: { kilobytesPerSecond: 'rate' },
    takes: {},
    done: 'narrowed',
    does: 'So many bytes a second pass; with 0 all wait until it is over.',
    stops: ({ kilobytesPerSecond }) => kilobytesPerSecond === 0,
  }),
  slicer: toxic({
    type: 'slicer',
    needs: { averageBytes: 'average_size' },
    takes: { variationBytes: 'size_variation', delayUs: 'delay' },
    done: 'sliced',
    does: 'Bytes come in slices, with a pause after each.',
  }),
  'slow-close': toxic({
    type: 'slow_close',
    needs: { delayMs: 'delay' },
    takes: {},
    done: 'slow to close',
    does: 'The end of a connection arrives later.',
  }),
  blackhole: toxic({
    type: 'timeout',
    needs: {},
    takes: { closeAfterMs: 'timeout' },
    done: 'cut off',
    does: 'All bytes vanish on connections that stay open, until it is over or so long.',
    stops: () => true,
    hides: () => ['latency', 'bandwidth', 'slicer'],
  }),
  reset: toxic({
    type: 'reset_peer',
    needs: {},
    takes: { afterMs: 'timeout' },
    done: 'reset',
    does: 'A TCP reset so long after the first bytes, which are lost.',
    stops: () => true,
    // Not what delays the first bytes, and the reset with them.
    hides: ({ afterMs }) => (afterMs === 0 ? ['slicer', 'limit-data'] : []),
  }),
  'limit-data': toxic({
    type: 'limit_data',
    needs: { bytes: 'bytes' },
    takes: {},
    done: 'limited',
    does: 'A connection is closed once so many bytes have passed.',
    stops: ({ bytes }) => bytes === 0,
    hides: ({ bytes }) => (bytes === 0 ? ['slicer'] : []),
  }),
  down: {
    options: strict({}, { description: 'Nobody listens, and every connection is closed.' }),
    done: 'down',
    stops: () => true,
  } satisfies Kind<TObject>,
};

export const FaultOptions = taggedKinds(faultKinds);
export type FaultOptions = Static<typeof FaultOptions>;

const kindOf = ({ kind }: FaultOptions) => faultKinds[kind] as unknown as Kind<TObject>;

/** The toxics that a fault is; undefined where it closes the proxy. */
export const toxicsOf = (name: string, fault: FaultOptions): ToxicSpec[] | undefined =>
  kindOf(fault).toxics?.(name, fault);

/** What is wrong with a fault beyond what its schema can say. */
export const problemsOf = (fault: FaultOptions): Problem[] => kindOf(fault).problems?.(fault) ?? [];
