import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readExperiment } from '#lab/experiment/read.ts';
import { durationMs } from '#load/phases.ts';
import { courseFiles } from '#test/support/course.ts';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const course = courseFiles.map((file) => ({ file, name: basename(file, '.yaml') }));

/** Experiments with a control: all but the first three. */
const controlled = course.slice(3);
const text = (path: string) => readFileSync(join(root, path), 'utf8');

test('the course is numbered without a gap from 00 on', () => {
  const numbers = course.map(({ name }) => name.slice(0, 2));
  expect(numbers).toEqual(course.map((_, index) => String(index).padStart(2, '0')));
});

test.each(course)('$name is in the list of the course', ({ name }) => {
  expect(text('docs/course/README.md')).toMatch(new RegExp(`^\\| \\[${name}\\]\\(`, 'm'));
});

describe.each(controlled)('$name', ({ file }) => {
  const { experiment } = readExperiment(join(root, file));
  const variants = Object.entries(experiment.variants);

  test('has a control, about which there is a hypothesis', () => {
    const controls = variants.filter(([, { description }]) => description.startsWith('The control: '));
    expect(controls.length).toBeGreaterThan(0);
    for (const [control] of controls)
      expect(experiment.hypothesis.filter((each) => each.includes(`(${control}`))).not.toEqual([]);
  });

  test('loads its testbed for two minutes at most, over all variants', () => {
    expect(variants.length * durationMs(experiment.load)).toBeLessThanOrEqual(120_000);
  });
});

test.each(course)(
  '$name has a page with its title, how to run it, what a run showed, and what helps',
  ({ file, name }) => {
    const { experiment } = readExperiment(join(root, file));
    const page = text(`docs/course/${name}.md`);
    expect(page.split('\n')[0]).toBe(`# ${name.slice(0, 2)} ${experiment.title}`);
    expect(page).toContain(`bin/spillway run --slow-motion auto ${file}`);
    for (const part of ['Guess first', 'What you will see', 'Why', 'What helps', "What doesn't help"])
      expect(page).toContain(`\n## ${part}\n`);
    for (const variant of Object.keys(experiment.variants))
      expect(page).toMatch(new RegExp(`^${variant} +\\d`, 'm'));
  },
);

test('the pages of the course lead from one to the next', () => {
  const next = (name: string) => /Next: \[\d+\]\((.*)\.md\)/.exec(text(`docs/course/${name}.md`))?.[1];
  const visited: string[] = [];
  for (let name: string | undefined = '00-demo'; name && !visited.includes(name); name = next(name))
    visited.push(name);
  expect(visited.toSorted()).toEqual(course.map(({ name }) => name));
});
