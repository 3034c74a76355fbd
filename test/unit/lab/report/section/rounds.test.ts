import { expect, test } from 'vitest';
import { overRounds } from '#lab/analysis/over-rounds.ts';
import { html } from '#lab/report/html.ts';
import { renderReport } from '#lab/report/report.ts';
import { roundsSection } from '#lab/report/section/rounds.ts';
import { renderSection } from '#lab/report/section/section.ts';
import type { Result } from '#lab/result/result.ts';
import { makeResult } from '#test/fixtures/result.ts';
import { makeRound } from '#test/fixtures/rounds.ts';

const rounds = [0.9, 0.1, 0.8, 0.85, 0.9].map((plain, i) =>
  makeRound(7 + i, { plain, guarded: 0.95, twin: 0.95 }),
);
const result = overRounds(rounds, { command: 'spillway run x.yaml --repeat 5', durationMs: 1000 });
const textOf = (html: string) =>
  html
    .replaceAll(/<br>/g, ' ')
    .replaceAll(/<[^>]+>/g, '')
    .replaceAll('\u00a0', ' ');
const rendered = (of: Result) => renderSection('rounds', 'Rounds', roundsSection(of)!).text;
const section = rendered(result);
/** Returns the rows of the table with this caption. */
const rowsOf = (caption: string): string[] => {
  const at = section.indexOf(caption);
  return section.slice(at, section.indexOf('</table>', at)).split('<tr>').slice(2).map(textOf);
};

test('roundsSection is left out of a single run', () => expect(roundsSection(makeResult())).toBeNull());

test('roundsSection shows means with their intervals, and how probable a collapse is', () => {
  expect(rowsOf('Mean of each figure').at(-1)).toMatch(/^Aplain1 of 5 3\.6 % to 62 %0\.233 0\.233/);
});

test('roundsSection shows by how much one variant exceeds another, bold where chance does not explain it', () => {
  const [guarded, twin, plain] = rowsOf('By how much the goodput');
  expect(plain).toMatch(/-24 points -71 to -5 points/);
  expect(guarded).toMatch(/^Bguarded0 points 0 points24 points 5 to 71 points/);
  expect(twin).toMatch(/^Ctwin0 points 0 points/);
  const bold = section.slice(
    section.indexOf('By how much the goodput'),
    section.indexOf('By how much the ampl'),
  );
  expect(bold.match(/<strong>/g)).toHaveLength(4);
});

test('roundsSection leads to the report of each round', () => {
  expect(section).toContain('<a href="rounds/8/report.html">seed 8</a>');
  expect(rowsOf('Goodput in each round')[1]).toMatch(/^seed 8held95 %95 %10 % collapsed/);
});

test('a report of rounds says how many, of which seeds, and how the variants are configured', () => {
  const page = renderReport(result);
  expect(page).toContain('seeds 7 to 11');
  expect(page).toContain('Over 5\u00a0rounds');
  expect(page).toContain('id="configuration"');
  expect(page).not.toContain('id="comparison"');
});

test('roundsSection draws a dot for each round and a line for the interval of their mean', () => {
  const circles = Array.from(section.matchAll(/<title>(seed \d+: [^<]+)</g), ([, title]) => textOf(title!));
  expect(circles.slice(-5)).toEqual([
    'seed 7: 90 %',
    'seed 8: 10 %',
    'seed 9: 80 %',
    'seed 10: 85 %',
    'seed 11: 90 %',
  ]);
  expect(textOf(section.match(/aria-label="plain: [^"]+"/)![0])).toContain(
    'goodput 71 % (24 % to 90 %) in the mean',
  );
});

test('roundsSection lists the best variant first, each with its letter in the file', () => {
  const labels = Array.from(section.matchAll(/aria-label="(\w+): goodput/g), ([, name]) => name);
  expect(labels).toEqual(['guarded', 'twin', 'plain']);
  expect(section).toMatch(/class="range v1">(?:(?!class="range).)*seed 8: 10/s);
});

test('roundsSection lets a reader save the goodput of each round', () => {
  expect(section).toContain('<figure data-file="rounds"><figcaption>');
  const rows = JSON.parse(section.match(/id="values-rounds">(.*?)<\/script>/)![1]!);
  expect(rows[0]).toEqual([
    'variant',
    'mean',
    'low',
    'high',
    'seed 7',
    'seed 8',
    'seed 9',
    'seed 10',
    'seed 11',
  ]);
  expect(rows[3]).toEqual(['plain', expect.closeTo(0.71), ...rows[3].slice(2, 4), 0.9, 0.1, 0.8, 0.85, 0.9]);
});

test('a report of rounds begins with the mean outcomes, the best variant first, with its description', () => {
  const variants = result.variants.map((each) => ({ ...each, description: `About ${each.name}.` }));
  const page = renderReport({ ...result, variants });
  const bars = page.slice(page.indexOf('<section id="outcomes"'), page.indexOf('<section id="conclusions"'));
  expect(Array.from(bars.matchAll(/aria-label="(\w+: [^"]*)"/g), ([, label]) => textOf(label!))).toEqual([
    'guarded: 95 % ok, 5 % timeout',
    'twin: 95 % ok, 5 % timeout',
    'plain: 71 % ok, 29 % timeout',
  ]);
  expect(textOf(bars)).toMatch(/Mean goodput of 5 rounds.*About guarded\..*About twin\..*About plain\./s);
  const rows = JSON.parse(bars.match(/id="values-outcomes">(.*?)<\/script>/)![1]!);
  expect(rows[3].slice(0, 3)).toEqual(['plain', expect.closeTo(0.71), 2000]);
});

test('roundsSection promises no figures where no variant ended', () => {
  const round = { seed: 7, status: 'interrupted' as const, variants: [] };
  const { lead, body } = roundsSection({ ...result, rounds: [round] })!;
  expect(lead).toBe('No variant ended, so there are no figures.');
  const { text } = html`${body}`;
  expect(text).toContain('<td>interrupted</td>');
  expect(text).not.toMatch(/goodput/i);
});

test('roundsSection leaves out a figure that is 0 in every round, and says so', () => {
  expect(textOf(section)).toContain('Always 0 in every variant: duplicates');
  const [head] = section.slice(section.indexOf('Mean of each figure')).split('</thead>');
  expect(head).not.toContain('duplicates');
});

test('a report of rounds shows the mean of the calls in flight', () => {
  const sampled = [7, 8].map((seed) => ({
    ...makeResult({ variants: 2 }),
    experiment: { ...makeResult().experiment, seed },
  }));
  const page = renderReport(overRounds(sampled, { command: '', durationMs: 0 }));
  expect(textOf(page)).toMatch(/Calls in flight at the dependency \(mean of 2 rounds/);
  expect(page).toContain('class="knee"');
});

test('roundsSection shows a single finished round without intervals', () => {
  const one = overRounds(rounds.slice(0, 1), { command: '', durationMs: 0 });
  const shown = rendered(one);
  expect(shown).not.toContain('NaN');
  expect(shown).toContain('–');
});
