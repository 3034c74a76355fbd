import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { assetFile } from '#kit/process/installation.ts';

/** Expressions whose values are the same with the added functions as with the language's own. */
const expressions = [
  '[...[1, 2].values().map((value, index) => value * 10 + index)]',
  '[...[1, 2, 3].values().filter((value, index) => value + index > 2)]',
  '[...[1, 2].values().flatMap((value) => [value, value])]',
  '[...[1, 2, 3].values().take(2)]',
  '[...[1, 2, 3].values().take(0)]',
  '[...[1, 2, 3].values().drop(1)]',
  '[1, 2, 3].values().reduce((sum, value) => sum + value)',
  '[1, 2, 3].values().reduce((sum, value) => sum + value, 10)',
  'new Set([1, 2]).values().toArray()',
  '(() => { const seen = []; [4, 5].values().forEach((...each) => seen.push(each)); return seen; })()',
  '[1, 2].values().some((value) => value > 1)',
  '[1, 2].values().some((value) => value > 2)',
  '[1, 2].values().every((value) => value > 0)',
  '[1, 2].values().every((value) => value > 1)',
  '[1, 2].values().find((value) => value > 1)',
  '[...Iterator.from({ next: (() => { let left = 2; return () => ({ done: left === 0, value: left-- }); })() })]',
  '[...Iterator.from(new Set([1, 2])).map((value) => value + 1)]',
  '[...Map.groupBy([1, 2, 3], (value) => value % 2)]',
  "Object.entries(Object.groupBy(['a', 'bb', 'c'], (text) => text.length))",
  'await (() => { const { promise, resolve } = Promise.withResolvers(); resolve(3); return promise; })()',
  'await (() => { const { promise, reject } = Promise.withResolvers(); reject(4); return promise; })().catch((reason) => reason)',
  'Object.keys(Object.getPrototypeOf(Object.getPrototypeOf([].values())))',
];

/** Removes what Node 20 lacks. */
const remove = `for (const owner of [Map, Object]) delete owner.groupBy;
delete Promise.withResolvers;
for (const name of Object.getOwnPropertyNames(Iterator.prototype))
  if (name !== 'constructor') delete Iterator.prototype[name];
delete globalThis.Iterator;`;

function values(before: string): unknown {
  const code = `${before}\nconsole.log(JSON.stringify([${expressions.join(',\n')}]));`;
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', code], {
    encoding: 'utf8',
  });
  return JSON.parse(output);
}

test('the added functions do what the language’s own do', () => {
  const add = `${remove}\nawait import(${JSON.stringify(assetFile('services/kit/process/older-node.ts'))});`;
  expect(values(add)).toEqual(values(''));
  expect(() => values(remove)).toThrow('is not a function');
});
