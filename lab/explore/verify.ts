import { join } from 'node:path';
import type { Plan } from '#lab/conduct/plan.ts';
import { conductOnce } from '#lab/conduct/run.ts';
import { createFolders } from '#lab/conduct/run-folder.ts';
import { writeWhole } from '#lab/evidence/whole-file.ts';
import type { Field } from '#lab/experiment/field.ts';
import { readSource, textOf } from '#lab/experiment/read.ts';
import { writeResult } from '#lab/show/files.ts';
import { worldOf } from '#lab/world/engines.ts';
import { commandLine, flagsOf } from '#lab/world/process/command-line.ts';
import { changedText } from './changed-text.ts';
import type { PointResult, SweepResult, Verified } from './result.ts';
import { describePoint } from './space.ts';
import type { Subject } from './subject.ts';
import { verifiedOf } from './verified.ts';

interface Place {
  readonly sweep: SweepResult;
  readonly subject: Subject;
  readonly fields: readonly Field[];
  readonly only: readonly string[] | undefined;
  /** Folder of the sweep. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

export interface Verifying {
  /** Receives a line before each run. Returns a function that receives its progress. */
  readonly onRun: (line: string) => Plan['onProgress'];
}

/** Runs points on sockets, one after the other, each from a changed file in its own folder. */
export async function verify(
  points: readonly PointResult[],
  { sweep, subject, fields, only, folder, signal }: Place,
  { onRun, onVerified }: Verifying & { readonly onVerified: (verified: Verified) => void },
): Promise<void> {
  const { seed } = subject.file.experiment;
  const world = worldOf('local', { urls: {}, ownConsumer: false });
  for (const [index, point] of points.entries()) {
    signal.throwIfAborted();
    const own = join(folder, 'verified', String(index + 1));
    createFolders(own);
    const path = join(own, `${subject.file.name}.yaml`);
    await writeWhole(path, changedText(subject, { by: 'sweep', folder: own, fields, point: point.values }));
    const { file } = readSource(textOf(path), { only, instead: { seed, repeat: 1, slowMotion: 'auto' } });
    const flags = { seed, 'slow-motion': 'auto', only: only?.join(',') };
    const result = await conductOnce({
      ...{ file, world, folder: own, signal },
      commandOf: () => commandLine(['run', path, ...flagsOf(flags)]),
      onProgress: onRun(
        `On sockets, ${index + 1} of ${points.length}: ${describePoint(fields, point.values)}`,
      ),
    });
    await writeResult(own, result);
    onVerified(verifiedOf(sweep, point, result, own));
  }
}
