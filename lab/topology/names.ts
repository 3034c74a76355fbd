/** Services of a testbed, in the order in which they start. */
export const serviceNames = ['downstream', 'gateway', 'publisher', 'consumer'] as const;
export type ServiceName = (typeof serviceNames)[number];
/** Process of a service: `consumer` if the service has one process, else `consumer-1`, `consumer-2` … */
export type ServiceProcess = ServiceName | `${ServiceName}-${number}`;
/** Process of a testbed that a fault can end. */
export type ProcessName = ServiceProcess | 'nats';
