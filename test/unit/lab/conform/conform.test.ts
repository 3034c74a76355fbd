import { expect, test } from 'vitest';
import type { Conformity, FactResult } from '#lab/conform/examine.ts';
import { factNames, facts } from '#lab/conform/facts.ts';
import { renderConformityPage } from '#lab/conform/page.ts';
import type { Attempt, Sequence } from '#lab/conform/seen.ts';
import { renderConformity } from '#lab/conform/terminal.ts';

const attempts: Attempt[] = [
  { call: 0, startedAtMs: 0, endedAtMs: 5, status: 500 },
  { call: 0, startedAtMs: 5 },
];
const nothing: Sequence = { notes: [], calls: [], others: [] };
const sequences: Record<string, Sequence> = {
  leaks: nothing,
  retryAfter: { ...nothing, calls: [{ number: 0, startedAtMs: 0, attempts }] },
};

/** Client with an unsafe fact without calls, and one with a call. */
const conformity: Conformity = {
  ...{ spillway: '1.0.0', client: 'client.ts', isVirtual: true },
  facts: factNames.map((name): FactResult => {
    const { title, safe } = facts[name];
    const sequence = sequences[name];
    const observed = { verdict: sequence ? 'unsafe' : 'none', text: 'as seen' } as const;
    return { name, title, safe, ...observed, scenarios: [{ ...observed, sequence: sequence ?? nothing }] };
  }),
};

test('renderConformity says what is safe for each unsafe fact, also without calls', () => {
  const text = renderConformity(conformity, { width: 120, colour: false });
  expect(text).toContain('Safe: none.');
  expect(text.match(/Safe:/g)).toHaveLength(2);
});

test('renderConformityPage links facts with calls alone, and shows an attempt that has just begun', () => {
  const page = renderConformityPage('Facts', [conformity], '');
  expect(page).toContain('2 unsafe, 0 not measured, 15 none');
  expect(page).toContain('href="#retryAfter-0"');
  expect(page).not.toContain('leaks-0');
  const [first, second] = [...page.matchAll(/<rect x="(.*?)%".*?width: max\(3px, (.*?)% - 3px\)/g)].map(
    ([, x, width]) => ({ from: Number(x), to: Number(x) + Number(width) }),
  );
  expect(first!.to).toBeCloseTo(second!.from);
  expect(second!.to - second!.from).toBeGreaterThan(2);
});
