import { expect, test } from 'vitest';
import { overRounds } from '#lab/judge/over-rounds.ts';
import { plain } from '#lab/kit/text/format.ts';
import { html } from '#lab/show/html.ts';
import { renderReport } from '#lab/show/report.ts';
import { roundsSection } from '#lab/show/section/rounds.ts';
import { makeResult } from '#test/fixtures/result.ts';
import { makeRound } from '#test/fixtures/rounds.ts';
import { bodyOf } from '#test/fixtures/said.ts';

const roundsOf = (...goodputs: number[]) =>
  goodputs.map((plain, i) => makeRound(7 + i, { plain, guarded: 0.95, twin: 0.95 }));
const over = (rounds: Parameters<typeof overRounds>[0]) =>
  overRounds(rounds, { command: 'spillway run x.yaml --repeat 5', durationMs: 1000 });
const rounds = roundsOf(0.9, 0.1, 0.8, 0.85, 0.9);
const result = over(rounds);
const textOf = (html: string) => plain(html.replaceAll('<br>', ' ').replaceAll(/<[^>]+>/g, ''));
const section = bodyOf(roundsSection(result));
const page = renderReport(result);
/** Returns the rows of the table with this caption. */
const rowsOf = (caption: string): string[] => {
  const at = page.indexOf(`<span>${caption}`);
  return page.slice(at, page.indexOf('</table>', at)).split('<tr>').slice(2).map(textOf);
};

test('roundsSection is left out of a single run', () => expect(roundsSection(makeResult())).toBeNull());

test('a report of rounds has means with their intervals, and how probable a collapse is', () => {
  expect(rowsOf('Mean of each figure').map((row) => row.trim())).toEqual([
    expect.stringMatching(/^Bguarded95 % 93.1 % to 96.9 %0 of 5 /),
    expect.stringMatching(/^Ctwin95 % 93.1 % to 96.9 %0 of 5 /),
    expect.stringMatching(/^Aplain71 % 24 % to 90 %1 of 5 3\.6 % to 62 %0\.233\/req 0\.233/),
  ]);
});

test('roundsSection draws a dot for each round, the best variant first, each with its letter in the file', () => {
  const circles = Array.from(section.matchAll(/<title>(seed \d+: [^<]+)</g), ([, title]) => plain(title!));
  expect(circles.slice(-2)).toEqual(['seed 10: 85 %', 'seed 11: 90 %']);
  const labels = Array.from(section.matchAll(/aria-label="(\w+): goodput/g), ([, name]) => name);
  expect(labels).toEqual(['guarded', 'twin', 'plain']);
  expect(section).toMatch(/class="range v1">(?:(?!class="range).)*seed 8: 10/s);
});

test('roundsSection has no figures where no variant ended, and no interval of a single round', () => {
  const round = { seed: 7, status: 'interrupted' as const };
  const { body } = roundsSection({ ...result, rounds: [round], variants: [], figures: [] })!;
  const { text } = html`${body}`;
  expect(text).toContain('<td>interrupted</td>');
  expect(text).not.toMatch(/goodput/i);
  const one = overRounds(rounds.slice(0, 1), { command: '', durationMs: 0 });
  expect(bodyOf(roundsSection(one))).not.toContain('NaN');
});
