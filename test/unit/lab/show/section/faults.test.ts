import { expect, test } from 'vitest';
import type { Result } from '#lab/judge/result/result.ts';
import { html } from '#lab/show/html.ts';
import { faultsSection } from '#lab/show/section/faults.ts';
import { alter, makeResult } from '#test/fixtures/result.ts';

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
