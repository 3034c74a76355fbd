/** What an `x-timeout-ms` says: how long the caller waits, in ms; undefined for anything else. */
export function timeLeft(value: unknown): number | undefined {
  return typeof value === 'string' && /^\d{1,12}(\.\d{1,6})?$/.test(value) ? Number(value) : undefined;
}
