/** Services of a testbed, in the order in which they start. */
export const serviceNames = ['downstream', 'gateway', 'publisher', 'consumer'] as const;
export type ServiceName = (typeof serviceNames)[number];
/** Process of a service: `consumer` if the service has one process, else `consumer-1`, `consumer-2` … */
export type ServiceProcess = ServiceName | `${ServiceName}-${number}`;
/** Server of the broker: `nats` if the broker has one server, else `nats-1`, `nats-2` … */
export type ServerName = 'nats' | `nats-${number}`;
/** Process of a testbed that a fault can end. */
export type ProcessName = ServiceProcess | ServerName;
