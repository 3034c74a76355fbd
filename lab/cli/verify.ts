import { join } from 'node:path';
import { conductOnce } from '#lab/conduct/run.ts';
import { createFolders } from '#lab/conduct/run-folder.ts';
import { writeWhole } from '#lab/evidence/whole-file.ts';
import type { Field } from '#lab/experiment/field.ts';
import { readSource, textOf } from '#lab/experiment/read.ts';
import { changedText } from '#lab/explore/changed-text.ts';
import { describePoint } from '#lab/explore/space.ts';
import type { Subject } from '#lab/explore/subject.ts';
import { verifiedOf } from '#lab/explore/verified.ts';
import type { PointResult, Verified } from '#lab/result/sweep.ts';
import { writeResult } from '#lab/show/files.ts';
import { worldOf } from '#lab/world/engines.ts';
import { commandLine, flagsOf } from '#lab/world/process/command-line.ts';
import { clear, progressTo } from './progress.ts';

interface VerifyOptions {
  readonly subject: Subject;
  readonly fields: readonly Field[];
  readonly only: readonly string[] | undefined;
  /** Folder of the sweep. */
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly onVerified: (verified: Verified) => void;
}

/** Runs points on sockets, one after the other, each from a changed file in its own folder. */
export async function verify(points: readonly PointResult[], options: VerifyOptions): Promise<void> {
  const { subject, fields, only, folder, signal, onVerified } = options;
  const { seed } = subject.file.experiment;
  const world = worldOf('local', { urls: {}, ownConsumer: false });
  for (const [index, point] of points.entries()) {
    signal.throwIfAborted();
    const own = join(folder, 'verified', String(index + 1));
    createFolders(own);
    const path = join(own, `${subject.file.name}.yaml`);
    await writeWhole(path, changedText(subject, { by: 'sweep', folder: own, fields, point: point.values }));
    const { file } = readSource(textOf(path), { only, instead: { seed, repeat: 1, slowMotion: 'auto' } });
    process.stderr.write(
      `On sockets, ${index + 1} of ${points.length}: ${describePoint(fields, point.values)}\n`,
    );
    const flags = { seed, 'slow-motion': 'auto', only: only?.join(',') };
    const result = await conductOnce({
      ...{ file, world, folder: own, signal },
      commandOf: () => commandLine(['run', path, ...flagsOf(flags)]),
      onProgress: progressTo(process.stderr, 'normal'),
    });
    if (process.stderr.isTTY) clear(process.stderr);
    await writeResult(own, result);
    onVerified(verifiedOf(point, result, own));
  }
}
