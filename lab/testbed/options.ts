/** Who can run the testbed of an experiment. */
export const engineNames = ['local', 'compose', 'attach'] as const;
export type EngineName = (typeof engineNames)[number];

/** What `--url` may name. A service's traffic port alone means that the service is not Spillway's. */
export const parts = [
  'gateway',
  'publisher',
  'nats',
  'downstream-control',
  'gateway-control',
  'publisher-control',
  'consumer-control',
] as const;
export type Part = (typeof parts)[number];

/** What the user says of the testbed. */
export interface EngineOptions {
  readonly urls: Readonly<Partial<Record<Part, string>>>;
  /** The consumer is not Spillway's. */
  readonly ownConsumer: boolean;
  /** For control ports that want a token. */
  readonly controlToken?: string | undefined;
  /** For a broker that wants them, as `user:password`. */
  readonly natsCredentials?: string | undefined;
}
