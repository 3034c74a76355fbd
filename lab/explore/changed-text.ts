import { relative } from 'node:path';
import { mapRecordings } from '#lab/experiment/checks/load.ts';
import type { Changes } from '#lab/experiment/field.ts';
import { withValues } from '#lab/experiment/file/edit.ts';
import type { Subject } from './subject.ts';

/** Returns the experiment's text with changes, for a file in `folder`. Comments and the rest stay as they are. */
export function changedText(
  { file: { source, experiment } }: Subject,
  changes: Changes,
  folder: string,
): string {
  const values = new Map<string, number | string>(changes);
  mapRecordings(experiment.load, (recording, phase) => {
    values.set(`/load/${phase}/arrivals/file`, relative(folder, recording) || recording);
    return recording;
  });
  return withValues(source, values);
}
