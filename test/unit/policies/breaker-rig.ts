import { BreakerOptions, breaker } from '#policies/breaker.ts';
import { Rejected } from '#policies/policy.ts';
import { manual, never, ok, options, rig, watch, work } from './rig.ts';

/** Options of the model that this project started from. */
export const seeds = {
  window: { kind: 'count', size: 20 },
  failures: 8,
  openMs: 500,
  halfOpen: { kind: 'none' },
};

/** Opens at two failures in a row. */
export const small = { window: { kind: 'count', size: 2 }, failures: 2, openMs: 500 };

/** A breaker whose calls the test ends. */
export function setup(chosen: object) {
  const { clock, events, surroundings } = rig();
  const { call, calls } = manual();
  const guarded = breaker(options(BreakerOptions, chosen), surroundings)(call);
  const start = (id = 'r0', signal = never) => watch(guarded(work(id), signal));
  const settle = () => clock.advance(0);

  /** Makes calls one after another: `.` succeeds, `x` fails, and an inner policy refuses `r`. */
  const make = async (pattern: string, id?: string) => {
    for (const letter of pattern) {
      const before = calls.length;
      const end = start(id);
      await settle();
      if (calls.length === before) throw end.result;
      const { resolve, reject } = calls.at(-1)!;
      if (letter === '.') resolve(ok);
      else reject(letter === 'x' ? new Error('failed') : new Rejected('bulkhead', 'full'));
      await settle();
    }
  };
  const states = () => events.flatMap((event) => (event.kind === 'breaker' ? [event.state] : []));
  return { clock, events, calls, start, settle, make, states };
}

/** The breaker of `small` after its open time, with these half-open options. */
export async function opened(halfOpen: object = {}) {
  const rig = setup({ ...small, halfOpen: { kind: 'trial', ...halfOpen } });
  await rig.make('xx');
  await rig.clock.advance(500);
  return rig;
}
