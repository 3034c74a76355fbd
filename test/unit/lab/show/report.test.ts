import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Status } from '#lab/judge/result/result.ts';
import { renderReport } from '#lab/show/report.ts';
import { makeResult, type ResultOptions } from '#test/fixtures/result.ts';

const idsOf = (page: string) => Array.from(page.matchAll(/<section id="([^"]+)"/g), ([, id]) => id);
const foldedIn = (page: string) =>
  Array.from(page.matchAll(/<details class="fold" id="([^"]+)"/g), ([, id]) => id);

const usual = makeResult();
const usualPage = renderReport(usual);

test('renderReport has all sections in the order of the questions a reader asks', () => {
  const page = renderReport(makeResult({ crash: true }));
  expect(idsOf(page)).toEqual([...['outcomes', 'hypotheses', 'conclusions', 'series', 'details', 'next']]);
  expect(foldedIn(page)).toEqual([
    ...['about', 'comparison', 'goodput', 'latency', 'faults', 'validity', 'ledger'],
    ...['configuration', 'repeat', 'glossary'],
  ]);
});

test('renderReport links every section once in its navigation', () => {
  const links = Array.from(usualPage.matchAll(/<li><a href="#([^"]+)"/g), ([, id]) => id);
  expect(links).toEqual(idsOf(usualPage));
});

test('renderReport leads to the page of a system, unless the file names code of the user', () => {
  const experiment = { ...usual.experiment, source: 'variants: { a: { path: rpc, client: ./client.ts } }' };
  const pages = [usualPage, renderReport({ ...usual, experiment })];
  expect(pages.map((each) => each.includes('npx spillway play'))).toEqual([true, false]);
});

test('renderReport forbids all that comes from elsewhere, and runs only its own scripts', () => {
  const policy =
    /Content-Security-Policy" content="([^"]+)"/.exec(usualPage)?.[1]?.replaceAll('&#39;', "'") ?? '';
  expect(policy).toContain("default-src 'none'");
  const scripts = Array.from(usualPage.matchAll(/<script>(.*?)<\/script>/gs), ([, text]) => text ?? '');
  expect(scripts).toHaveLength(3);
  const hashes = scripts.map((text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`);
  expect(policy).toContain(`script-src ${hashes.join(' ')};`);
});

test('renderReport escapes every text of the result', () => {
  const nasty = '</script><script>alert(1)</script><img src=x>"\'&';
  const whole = makeResult({ variants: 2 });
  const [variant, other] = whole.variants as [(typeof whole.variants)[0], (typeof whole.variants)[0]];
  const { experiment, machine } = whole;
  const took = { fromMs: 1, untilMs: 2 };
  const page = renderReport({
    ...whole,
    status: 'invalid',
    command: nasty,
    label: nasty,
    errors: [{ name: nasty, message: nasty, variant: nasty }],
    experiment: {
      ...experiment,
      name: nasty,
      file: nasty,
      title: nasty,
      description: `${nasty}\n- ${nasty}`,
      source: nasty,
    },
    machine: { ...machine, cpuModel: nasty, nats: nasty, node: nasty, platform: nasty },
    validity: [
      {
        name: nasty,
        variant: nasty,
        ok: false,
        measured: 1,
        limit: 0,
        unit: nasty,
        finding: nasty,
        meaning: nasty,
        remedy: nasty,
      },
    ],
    hypotheses: [{ text: 'ok(a) > 1', ok: false, left: null, right: 1, reason: nasty }],
    variants: [
      {
        ...variant,
        name: nasty,
        description: nasty,
        config: { [nasty]: nasty, policies: [{ [nasty]: { [nasty]: nasty } }] },
        faults: [
          { name: nasty, state: nasty, target: nasty, onPath: true, asked: took, took },
          { name: nasty, state: nasty, target: nasty, onPath: true, asked: took, took: null },
        ],
        ledger: {
          balanced: false,
          checks: [{ name: nasty, ok: false, witnesses: { [nasty]: 1 }, note: nasty }],
        },
        self: {
          ...variant.self,
          processes: [{ name: nasty, loopDelayP99Ms: 99, cpuMs: 1, saturated: true, restarted: true }],
        },
      },
      other,
    ],
  });
  expect(page).not.toContain('alert(1)</script><img');
  expect(page).not.toContain('<img');
  expect(page.match(/<script>/g)).toHaveLength(3);
});

const statuses: Status[] = ['held', 'failed', 'invalid', 'error', 'interrupted'];
const cases: ResultOptions[] = [
  ...statuses.map((status) => ({ status, variants: 1 })),
  { status: 'interrupted', variants: 0 },
  { status: 'measured', points: 0 },
  { status: 'measured', crash: true },
];

test.each(cases)('renderReport leaves no hole: $status, $variants variants, $points points', (options) => {
  const whole = makeResult(options);
  const unmeasured = whole.variants.map((v) => ({
    ...v,
    offered: 0,
    latency: null,
    goodput: 0,
    goodputByDeadline: [],
  }));
  for (const result of [whole, { ...whole, variants: unmeasured }]) {
    const body = renderReport(result).replace(/<(script|style)\b.*?<\/\1>/gs, '');
    expect(body).not.toMatch(/NaN|undefined|Infinity|\[object|>null|"null/);
  }
});

test('renderReport shows nothing of the machine in a simulation', () => {
  const simulated = renderReport({ ...usual, simulated: true });
  for (const text of [
    'Send lag and sleep excess',
    'depends on the machine',
    'Machine load before',
    'nats-server 2',
  ]) {
    expect(usualPage).toContain(text);
    expect(simulated).not.toContain(text);
  }
  expect(simulated).toContain('all figures are the same again');
});

test('renderReport compares configurations within a path only, and folds what is equal', () => {
  const table = /Options that differ.*?<\/table>/s.exec(usualPage)?.[0].replaceAll('<wbr>', '') ?? '';
  const options = Array.from(table.matchAll(/<th scope="row"><code>([^<]+)/g), ([, key]) => key);
  expect(options).toContain('gateway.policies.bulkhead.concurrency');
  expect(options).toContain('consumer.concurrency');
  expect(options).not.toContain('consumer.policies.timeout.ms');
  expect(usualPage).toContain('are the same in all variants of their path');
});

test('renderReport of nine variants with 600 points stays below 500 KB', () => {
  expect(Buffer.byteLength(renderReport(makeResult({ points: 600 })))).toBeLessThan(500_000);
});
