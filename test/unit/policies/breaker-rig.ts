import { BreakerOptions } from '#policies/breaker/options.ts';
import { breaker } from '#policies/breaker.ts';
import { Rejected } from '#policies/policy.ts';
import { manual, never, ok, options, rig, watch, work } from './rig.ts';

/** Breaker options of the reference model. */
export const seeds = {
  window: { kind: 'count', size: 20 },
  failures: 8,
  openMs: 500,
  halfOpen: { kind: 'none' },
};

/** Options with which the breaker opens at two failures in a row. */
export const small = { window: { kind: 'count', size: 2 }, failures: 2, openMs: 500 };

/** Creates a breaker. The test ends its calls. */
export function setup(chosen: object) {
  const { clock, events, surroundings } = rig();
  const { call, calls } = manual();
  const guarded = breaker(options(BreakerOptions, chosen), surroundings)(call);
  const start = (id = 'r0', signal = never) => watch(guarded(work(id), signal));
  const settle = () => clock.advance(0);

  /** Makes calls one after another: `.` succeeds, `x` fails, `t` is answered with 429, and an inner policy refuses `r`. */
  const make = async (pattern: string, id?: string) => {
    for (const letter of pattern) {
      const before = calls.length;
      const end = start(id);
      await settle();
      if (calls.length === before) throw end.result;
      const { resolve, reject } = calls.at(-1)!;
      if (letter === '.') resolve(ok);
      else if (letter === 't') reject(Object.assign(new Error('throttled'), { status: 429 }));
      else reject(letter === 'x' ? new Error('failed') : new Rejected('bulkhead', 'full'));
      await settle();
    }
  };
  const states = () => events.flatMap((event) => (event.kind === 'breaker' ? [event.state] : []));
  return { clock, events, calls, start, settle, make, states };
}

/** Returns a breaker with the options `small` and these half-open options, right after its open time. */
export async function opened(halfOpen: object = {}) {
  const rig = setup({ ...small, halfOpen: { kind: 'trial', ...halfOpen } });
  await rig.make('xx');
  await rig.clock.advance(500);
  return rig;
}
