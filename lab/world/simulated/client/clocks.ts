import process from 'node:process';

/** Wall-clock time at which virtual time begins. Not 0, since a client may take 0 for "never". */
const epochMs = Date.UTC(2026, 0, 1);

/**
 * Replaces the clocks of this thread. Time only moves between callbacks, so a loop that waits for it never ends. Without
 * an argument, `Intl.DateTimeFormat` still formats the real time.
 */
export function patchClocks(nowMs: () => number): void {
  patchDate(() => Math.floor(epochMs + nowMs()));
  const own = (object: object, properties: Readonly<Record<string, unknown>>) => {
    for (const [name, value] of Object.entries(properties))
      Object.defineProperty(object, name, { value, configurable: true, writable: true });
  };
  own(performance, { now: nowMs, timeOrigin: epochMs });
  const nanoseconds = () => BigInt(Math.round(nowMs() * 1e6));
  const hrtime = ([seconds, rest] = [0, 0]) => {
    const passed = nanoseconds() - BigInt(seconds) * 1_000_000_000n - BigInt(rest);
    return [Number(passed / 1_000_000_000n), Number(passed % 1_000_000_000n)];
  };
  own(process, { hrtime: Object.assign(hrtime, { bigint: nanoseconds }), uptime: () => nowMs() / 1000 });
}

/** Replaces the constructor by one that creates objects of the same prototype. */
function patchDate(now: () => number): void {
  const Real = Date;
  function Virtual(this: unknown, ...args: unknown[]) {
    if (!new.target) return new Real(now()).toString();
    return Reflect.construct(Real, args.length === 0 ? [now()] : args, new.target);
  }
  Object.defineProperties(Virtual, Object.getOwnPropertyDescriptors(Real));
  Object.assign(Virtual, { now });
  Real.prototype.constructor = Virtual;
  globalThis.Date = Virtual as unknown as DateConstructor;
}
