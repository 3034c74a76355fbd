import { fc, test as property } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { readAddress } from '#lab/play/address.ts';
import { playedInCourse } from '#lab/play/presets.ts';
import { smallPlayable } from '#test/fixtures/playable.ts';
import { pageFigures, simulatedFigures } from '#test/fixtures/played-figures.ts';

const all = playedInCourse();

test.each(all)('a page of $name has the figures that `simulate` has of its YAML', async (playable) => {
  const { setting } = readAddress(`#${playable.id}&load=8`, all);
  expect(await pageFigures(setting)).toEqual(await simulatedFigures(setting));
});

const part = fc.constantFrom(
  ...[
    'load=20',
    'load@0.3=150',
    'spike@0.2=0.3x4',
    'slow@0.3=0.4',
    'errors@0.1=0.5',
    'redrive@0.9',
    'kill@0.4=0.3',
    'pause@0.5=0.2',
  ],
  ...[
    'retry=0',
    'A.budget=0.2',
    'timeout=40',
    'bulkhead=2',
    'queue=5',
    'breaker=100',
    'A.timeout=off',
    'deadline=90',
    'A.budget@0.6=0.1',
    'retry@0.3=off',
    'A.bulkhead@0.4=1',
    'B.consumer@0.5=20',
  ],
  ...['B.consumer=1', 'B.stream=4', 'A=events', 'B=calls', 'seed=5'],
);

property.prop([fc.uniqueArray(part, { maxLength: 5 })], { numRuns: 20 })(
  'a page has the figures that `simulate` has of its YAML',
  async (parts) => {
    const { setting } = readAddress(`#small&${parts.join('&')}`, [smallPlayable]);
    expect(await pageFigures(setting)).toEqual(await simulatedFigures(setting));
  },
);
