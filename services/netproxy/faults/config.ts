import type { Static } from 'typebox';
import { taggedKinds } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';
import { bandwidthFault } from '#netproxy/toxics/bandwidth.ts';
import { latencyFault } from '#netproxy/toxics/latency.ts';
import { limitDataFault } from '#netproxy/toxics/limit-data.ts';
import { reset } from '#netproxy/toxics/reset-peer.ts';
import { slicerFault } from '#netproxy/toxics/slicer.ts';
import { slowCloseFault } from '#netproxy/toxics/slow-close.ts';
import { blackhole } from '#netproxy/toxics/timeout.ts';
import { down } from './down.ts';

/** Every fault of the network; a new one is a line here, and a file unless it is a toxic's. */
export const networkFaults = {
  latency: latencyFault,
  bandwidth: bandwidthFault,
  slicer: slicerFault,
  'slow-close': slowCloseFault,
  blackhole,
  reset,
  'limit-data': limitDataFault,
  down,
};

export const NetworkFaultOptions = taggedKinds(networkFaults);
export type NetworkFaultOptions = Static<typeof NetworkFaultOptions>;

export const NetworkFaultTarget = Type.String({ maxLength: 200 });
