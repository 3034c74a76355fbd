import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readExperiment } from '#lab/experiment/read.ts';
import { changedText } from '#lab/explore/changed-text.ts';
import { openSubject } from '#lab/explore/subject.ts';
import { testFolder } from '#test/support/folder.ts';

test('changedText keeps the recording of a file that is written to another folder', () => {
  const [own, other] = [testFolder(), testFolder()];
  const source = `title: Replayed # why
deadlineMs: 1000
load: [{ arrivals: { kind: replay, file: calls.csv } }]
variants: { calls: { path: rpc } }
`;
  writeFileSync(join(own, 'calls.csv'), '0\n10\n');
  const subject = openSubject({ text: { name: 'a', file: join(own, 'a.yaml'), source } });
  const text = changedText(subject, new Map([['/deadlineMs', 500]]), other);
  expect(text).toContain('title: Replayed # why\ndeadlineMs: 500\n');
  writeFileSync(join(other, 'a.yaml'), text);
  const { load } = readExperiment(join(other, 'a.yaml')).experiment;
  expect(load[0]!.arrivals).toMatchObject({ kind: 'replay', file: join(own, 'calls.csv') });
});
