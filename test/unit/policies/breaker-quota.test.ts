import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { BreakerOptions } from '#policies/breaker/options.ts';
import { breaker } from '#policies/breaker.ts';
import { Rejected } from '#policies/policy.ts';
import { manual, microtask, ok, options, rig, watch, work } from './rig.ts';

type Ending = 'good' | 'bad' | 'refused' | 'gone';
const step = fc.oneof(
  { weight: 5, arbitrary: fc.constant({ do: 'start' as const }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('end' as const),
      which: fc.nat(),
      how: fc.constantFrom<Ending>('good', 'bad', 'bad', 'refused', 'gone'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 120 }) }),
  },
);

test.prop([
  fc.integer({ min: 1, max: 4 }),
  fc.constantFrom(0, 150),
  fc.array(step, { minLength: 20, maxLength: 120 }),
])(
  'breaker never lets more than its quota through half-open, and nothing through open, in any interleaving',
  async (quota, maxWaitMs, steps) => {
    const { clock, surroundings } = rig();
    const { call, calls } = manual();
    // What the breaker says of its state, and the calls let through since, less those that gave their permit back.
    let now = { state: 'closed', passed: 0 };
    const emit: typeof surroundings.emit = (event) => {
      if (event.kind === 'breaker') now = { state: event.state, passed: 0 };
    };
    const window = { kind: 'count', size: 3 };
    const halfOpen = { kind: 'trial', calls: quota, maxWaitMs };
    const chosen = { window, failures: 2, openMs: 100, halfOpen };
    const guarded = breaker(options(BreakerOptions, chosen), { ...surroundings, emit })(call);
    const underWay: ((how: Ending) => void)[] = [];

    const start = () => {
      const caller = new AbortController();
      void watch(guarded(work(), caller.signal));
      const passed = calls.pop();
      if (!passed) return;
      const started = now;
      started.passed += 1;
      underWay.push((how) => {
        if (how === 'refused' || how === 'gone') started.passed -= 1;
        if (how === 'gone') caller.abort();
        if (how === 'good') passed.resolve(ok);
        else passed.reject(how === 'refused' ? new Rejected('bulkhead', 'full') : new Error(how));
      });
      expect(started.state).not.toBe('open');
      if (started.state === 'half-open') expect(started.passed).toBeLessThanOrEqual(quota);
    };

    for (const next of steps) {
      if (next.do === 'wait') await clock.advance(next.ms);
      else if (next.do === 'start') start();
      else if (underWay.length > 0) underWay.splice(next.which % underWay.length, 1)[0]!(next.how);
      await microtask(); // a little of what is to come of it happens, but not all
    }

    // However it stands now, it can be closed again: no permit has been lost.
    for (const end of underWay.splice(0)) end('gone');
    for (let i = 0; i < 2 * quota + 2; i++) {
      if (now.state === 'open') await clock.advance(100);
      start();
      underWay.pop()?.('good');
      await clock.advance(0);
    }
    expect(now.state).toBe('closed');
  },
);
