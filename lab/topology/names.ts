/** Services of a testbed, in the order in which they start. */
export const serviceNames = ['downstream', 'gateway', 'publisher', 'consumer'] as const;
export type ServiceName = (typeof serviceNames)[number];
/** A process of a service: `consumer` if it has one, else `consumer-1`, `consumer-2` … */
export type ServiceProcess = ServiceName | `${ServiceName}-${number}`;
/** Any process of a testbed that a fault can end. */
export type ProcessName = ServiceProcess | 'nats';
