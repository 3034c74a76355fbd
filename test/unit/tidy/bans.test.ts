import { expect, test } from 'vitest';
import { banned } from '#test/tidy/bans.ts';

const word = ['TO', 'DO'].join('');

test.each([
  ['lab/x.ts', 'const a = Date.now();'],
  ['lab/x.ts', 'const a = new Date();'],
  ['lab/x.ts', `const a = \`\${process.hrtime.bigint()}\`;`],
  ['load/x.ts', 'setTimeout(f, 1);'],
  ['services/kit/x.ts', 'Math.random();'],
  ['lab/x.ts', 'Type.Record(Type.String(), Type.Number());'],
  ['test/unit/x.test.ts', "describe.skipIf(ci)('x', f);"],
  ['bin/x', `# ${word} later`],
  ['docs/x.md', 'Nobody waits.'],
])('banned in %s: %s', (file, code) => {
  expect(banned(file, `\n${code}`)).toEqual([expect.stringMatching(new RegExp(`^${file}:2: .+: .{10}`))]);
});

test.each([
  ['services/kit/clock.ts', 'setTimeout(f, performance.now());'],
  ['test/system/x.test.ts', 'setTimeout(f, 1);'],
  ['lab/x.ts', '// as Date.now() would'],
  ['lab/x.ts', "log('Date.now');"],
  ['lab/x.ts', 'socket.setTimeout(5);'],
  ['lab/x.ts', 'new Date(atMs);'],
])('not banned in %s: %s', (file, code) => {
  expect(banned(file, code)).toEqual([]);
});
