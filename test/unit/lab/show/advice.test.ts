import { expect, test } from 'vitest';
import type { Result } from '#lab/judge/result/result.ts';
import { adviceOn } from '#lab/show/advice.ts';
import { makeResult, pick } from '#test/fixtures/result.ts';

const lagging = makeResult({ status: 'invalid' });
const [check] = lagging.validity;
const alone = pick(lagging, 'rpc-guarded');
const both = pick(lagging, 'rpc-guarded', 'rpc-nothing');
const command = 'spillway run x.yaml --seed 7 --slow-motion 2 --only rpc-guarded,rpc-nothing';
const at = (factor: number) => ({ slowMotion: { asked: 'auto', factor } }) as const;

const rerun = (variant: string, finished: boolean) => ({
  ...{ ...both, command, folder: 'runs/x/1' },
  reruns: [{ startedAt: both.startedAt, variants: [variant], finished }],
});

test.each<[string, Result, RegExp | undefined]>([
  ['one step slower', { ...alone, hypotheses: [] }, /^Run it again.*`npx .* --seed 7 --slow-motion 2`$/],
  ['slower than before', { ...alone, ...at(4) }, / --slow-motion 8`$/],
  [
    'only the disturbed variants, into the result',
    { ...both, ...at(2), command, folder: 'runs/x/1' },
    /^Run only .*`spillway run x\.yaml --seed 7 --slow-motion 2 --only rpc-guarded --into runs\/x\/1`$/,
  ],
  ['them again if that was stopped', rerun('rpc-guarded', false), /--into runs\/x\/1`$/],
  ['them again if others were', rerun('rpc-nothing', true), /--into runs\/x\/1`$/],
  ['all slower if they were disturbed again', rerun('rpc-guarded', true), /nothing --slow-motion 2`$/],
  ['all that --only kept', { ...alone, ...at(2), command }, /nothing --slow-motion 4`$/],
  ['all if a path would be left out', { ...lagging, folder: 'x' }, /^Run it again/],
  [
    'nothing slower if even 8 was too fast',
    { ...alone, ...at(8), command: 'npx spillway run x.yaml', folder: 'runs/x/1' },
    /`npx spillway judge runs\/x\/1 --experiment experiments\/01-burst/,
  ],
  [
    "nothing slower beside services that can't slow down",
    { ...alone, foreign: ['gateway'], folder: 'runs/x/1' },
    /judge runs\/x\/1 /,
  ],
  [
    "nothing slower beside a client, whose code can't slow down",
    {
      ...alone,
      variants: alone.variants.map((variant) => ({ ...variant, config: { client: './client.ts' } })),
      folder: 'runs/x/1',
    },
    /judge runs\/x\/1 /,
  ],
  [
    'the same once the machine is idle',
    { ...both, ...at(8), machine: { ...both.machine, cpus: 2, loadAverage: 9 } },
    /^Close other programs, and run it again: `npx/,
  ],
  [
    'nothing if the file must change',
    { ...both, validity: [{ ...check!, name: 'unsent requests' }] },
    undefined,
  ],
  ['nothing after a valid run', makeResult(), undefined],
])('adviceOn advises to run %s', (_, result, expected) => {
  const [first] = adviceOn(result);
  if (expected) expect(first).toMatch(expected);
  else expect(first).toBeUndefined();
});
