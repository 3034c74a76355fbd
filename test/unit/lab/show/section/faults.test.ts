import { expect, test } from 'vitest';
import type { Result } from '#lab/judge/result/result.ts';
import { html } from '#lab/show/html.ts';
import { faultsSection, windowsSection } from '#lab/show/section/faults.ts';
import { alter, makeResult } from '#test/fixtures/result.ts';
import { bodyOf } from '#test/fixtures/said.ts';
import { outcomesOf, percentiles } from '#test/fixtures/variant.ts';

test('faultsSection mentions proxies only on hops with faults', () => {
  const result = makeResult({ variants: 1, crash: true });
  const [variant] = result.variants;
  const onArrow = variant!.faults!.map((fault) => ({ ...fault, target: 'consumer->nats' }));
  const lead = (of: Result) => html`${faultsSection(of)?.lead ?? null}`.text;
  expect(lead(result)).not.toContain('proxy');
  expect(lead(alter(result, variant!.name, { faults: onArrow }))).toContain(
    'on <span class="unbroken">consumer-&gt;nats</span> passed through a proxy',
  );
});

const part = {
  goodputByDeadline: [],
  latency: percentiles(9, 20, 50),
  goodput: 0.9,
  offered: 10,
  attempts: null,
  amplification: null,
};

test('windowsSection shows variants side by side in each part, and a dash where there was none', () => {
  const result = makeResult({ variants: 2 });
  const before = {
    ...part,
    name: 'before crash',
    span: { fromMs: 0, untilMs: 1000 },
    outcomes: outcomesOf({ ok: 9, dead: 1 }),
  };
  const after = {
    ...part,
    name: 'after crash',
    span: null,
    offered: 0,
    outcomes: outcomesOf({}),
    latency: null,
  };
  const [one, other] = result.variants.map(({ name }) => name);
  const shown = alter(alter(result, one!, { windows: [before, after] }), other!, {
    windows: [before, after],
  });
  const text = bodyOf(windowsSection(shown))
    .replaceAll(/<[^>]+>/g, '|')
    .replaceAll(/[|\s]+/g, ' ');
  const cells = '0 ms – 1 s 10 90 % 1 20 ms 50 ms – – –';
  expect(text).toContain(
    `before crash A ${one} ${cells} before crash B ${other} ${cells} after crash A ${one} – 0 – 0 – – – – –`,
  );
});
