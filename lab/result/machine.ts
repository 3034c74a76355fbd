import { number, object, text } from './schema-helpers.ts';

/** On which a run was made. */
export const Machine = object({
  node: text,
  nats: text,
  cpus: number,
  cpuModel: text,
  memoryBytes: number,
  platform: text,
  /** One-minute load average when the run began. */
  loadAverage: number,
});
