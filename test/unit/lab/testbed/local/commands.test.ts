import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findExecutable } from '#lab/testbed/local/commands.ts';
import { testFolder } from '#test/support/folder.ts';

test('findExecutable takes only a file that may be executed', () => {
  const folder = testFolder();
  const [program, text] = [join(folder, 'program'), join(folder, 'text')];
  writeFileSync(program, '', { mode: 0o755 });
  writeFileSync(text, '', { mode: 0o644 });
  const found = [program, text, folder, join(folder, 'lost')].map((path) => findExecutable('x', path));
  expect(found).toEqual([program, undefined, undefined, undefined]);
});
