import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readSource } from '#lab/experiment/read.ts';
import { keyOf, Store, unfinishedIn } from '#lab/explore/store.ts';
import { openSubject } from '#lab/explore/subject.ts';
import type { Sample } from '#lab/runner/sample.ts';
import { testFolder } from '#test/support/folder.ts';

const sample = (goodput: number): Sample => ({
  round: { seed: 1, status: 'measured', variants: [] },
  hypotheses: [{ ok: true, left: goodput }],
});

function folderIn(parent: string, name: string): string {
  const folder = join(parent, name);
  mkdirSync(folder);
  return folder;
}

test('Store keeps simulations in its folder, from which another one resumes', () => {
  const parent = testFolder();
  const store = new Store();
  store.add({ point: [1, 2], seed: 1, sample: sample(0.5) });
  const folder = folderIn(parent, 'a');
  store.begin(folder, 'key');
  store.add({ point: [1, 2], seed: 2, sample: sample(0.6) });
  appendFileSync(join(folder, 'samples.ndjson'), '{"point":[1,2],"se'); // cut off by a kill
  expect(unfinishedIn(parent, 'key')).toBe(folder);

  const resumed = new Store();
  resumed.resume(folder);
  expect(resumed.size).toBe(2);
  expect(resumed.get([1, 2], 2)).toEqual(sample(0.6));
  resumed.add({ point: [3, 4], seed: 1, sample: sample(0.7) });
  const again = new Store();
  again.resume(folder);
  expect(again.get([3, 4], 1)).toEqual(sample(0.7));
});

test('unfinishedIn finds the newest folder with the key that was not completed', () => {
  const parent = testFolder();
  expect(unfinishedIn(join(parent, 'missing'), 'key')).toBeUndefined();
  const stores = ['1', '2', '3'].map((name) => {
    const store = new Store();
    store.begin(folderIn(parent, name), name === '3' ? 'other' : 'key');
    return store;
  });
  expect(unfinishedIn(parent, 'key')).toBe(join(parent, '2'));
  stores[1]!.end();
  expect(unfinishedIn(parent, 'key')).toBe(join(parent, '1'));
  expect(unfinishedIn(parent, 'changed')).toBeUndefined();
});

test('keyOf changes with the file and the arguments', () => {
  const source = readFileSync(new URL('../../../../experiments/05-metastable.yaml', import.meta.url), 'utf8');
  const subject = (text: string) => openSubject({ text: { name: 'a', file: 'a.yaml', source: text } });
  expect(readSource({ name: 'a', file: 'a.yaml', source }).file.name).toBe('a');
  const key = keyOf(subject(source), [1]);
  expect(keyOf(subject(source), [1])).toBe(key);
  expect(keyOf(subject(source), [2])).not.toBe(key);
  expect(keyOf(subject(`${source}\n# changed`), [1])).not.toBe(key);
});
