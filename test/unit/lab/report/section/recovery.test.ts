import { expect, test } from 'vitest';
import { html } from '#lab/report/html.ts';
import { recoverySection } from '#lab/report/section/recovery.ts';
import { alter, makeResult } from '#test/fixtures/result.ts';

const { outcomes } = makeResult().variants[0]!;
const after = { span: null, offered: 0, outcomes, latency: null, goodput: 0, goodputByDeadline: [] };
const back = { timeMs: 3800, watchedMs: 47_000, lostGoodput: 340.4, metastable: false };

test('recoverySection says of each fault how long each variant took to get over it', () => {
  const result = makeResult({ variants: 2 });
  const [one, other] = result.variants.map(({ name }) => name);
  const crash = { ...after, name: 'after crash' };
  const spike = { ...after, name: 'after spike' };
  const shown = alter(
    alter(result, one!, {
      windows: [
        { ...after, name: 'before crash' },
        { ...crash, recovery: back },
        { ...spike, recovery: { ...back, timeMs: 0 } },
      ],
    }),
    other!,
    { windows: [{ ...crash, recovery: { ...back, timeMs: null, metastable: true } }, spike] },
  );
  const text = html`${recoverySection(shown)?.body ?? null}`.text
    .replaceAll(/<[^>]+>/g, '|')
    .replaceAll(/[|\s]+/g, ' ');
  expect(text).toContain(
    `after crash A ${one} after 3.8 s 340 – after crash B ${other} not within 47 s 340 metastable: nothing is broken any more, and it does not come back after spike A ${one} at once 340 – `,
  );
});

test('recoverySection is left out where nothing was broken, or the result is of an older version', () => {
  expect(recoverySection(makeResult())).toBeNull();
});
