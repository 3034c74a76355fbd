import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const css = readFileSync(new URL(import.meta.resolve('#lab/show/style/colours.css')), 'utf8');
const pairs = new Map(
  Array.from(css.matchAll(/--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)/g), ([, name, light, dark]) => [
    name,
    { light: light!, dark: dark! },
  ]),
);
const variants = Array.from({ length: 9 }, (_, i) => `v${i + 1}`);
const grounds = ['ground', 'surface', 'raised'];

/** Returns the relative luminance of a colour, by WCAG 2. */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

/** Pairs of a text colour and a background on which text of this colour may appear. */
const texts: [string, string][] = [
  ...['text', 'muted', 'link', 'good', 'bad', 'warn', 'note', ...variants].flatMap((text) =>
    grounds.map((ground): [string, string] => [text, ground]),
  ),
  ...[...variants, 'muted', 'good', 'bad', 'warn', 'note'].map((ground): [string, string] => [
    'key-ink',
    ground,
  ]),
  ...['o-ok', 'o-failed', 'o-rejected', 'o-dead', 'o-unknown'].map((ground): [string, string] => [
    'on-dark',
    ground,
  ]),
];

test.each(['light', 'dark'] as const)('every text has a contrast of 4.5 or more in %s', (theme) => {
  const weak = texts.filter(
    ([text, ground]) => contrast(pairs.get(text)![theme], pairs.get(ground)![theme]) < 4.5,
  );
  expect(weak).toEqual([]);
});

test.each(['light', 'dark'] as const)('dark figures are readable on the light outcomes in %s', (theme) => {
  const ink = /--on-light: (#\w{6})/.exec(css)![1]!;
  const outcomes = ['o-late', 'o-timeout', 'o-dropped', 'o-pending', 'o-unsent'];
  expect(outcomes.filter((outcome) => contrast(ink, pairs.get(outcome)![theme]) < 4.5)).toEqual([]);
});

test.each(['light', 'dark'] as const)('neighbouring outcomes differ in lightness in %s', (theme) => {
  const neighbours: [string, string][] = [
    ['o-ok', 'o-late'],
    ['o-late', 'o-failed'],
    ['o-failed', 'o-timeout'],
    ['o-timeout', 'o-rejected'],
    ['o-late', 'o-dead'],
  ];
  const alike = neighbours.filter(([a, b]) => contrast(pairs.get(a)![theme], pairs.get(b)![theme]) < 1.5);
  expect(alike).toEqual([]);
});
