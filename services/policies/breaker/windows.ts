import { type Static, Type } from 'typebox';
import type { Clock } from '#kit/clock.ts';
import { strict, tagged } from '#kit/schema/schema.ts';
import { countWindow } from './count-window.ts';
import { timeWindow } from './time-window.ts';
import type { Window } from './window.ts';

const kinds = {
  count: strict(
    { size: Type.Integer({ default: 20, minimum: 1, maximum: 10_000 }) },
    { description: 'The last results.' },
  ),
  time: strict(
    {
      ms: Type.Number({ default: 10_000, minimum: 1, maximum: 3_600_000 }),
      buckets: Type.Integer({
        default: 10,
        minimum: 1,
        maximum: 1000,
        description: 'How finely old results are forgotten.',
      }),
    },
    { description: 'The results of the last while.' },
  ),
};

/** Which results a breaker judges by. */
export const WindowOptions = tagged('kind', kinds, { description: 'The results it judges by.' });
export type WindowOptions = Static<typeof WindowOptions>;

type Create<Options> = (options: Options, clock: Clock) => Window;

const windows: { [K in keyof typeof kinds]: Create<Static<(typeof kinds)[K]>> } = {
  count: ({ size }) => countWindow(size),
  time: ({ ms, buckets }, clock) => timeWindow(ms, buckets, clock),
};

export const createWindow: Create<WindowOptions> = (options, clock) =>
  (windows[options.kind] as Create<WindowOptions>)(options, clock);
