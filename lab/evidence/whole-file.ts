import { rename, rm, writeFile } from 'node:fs/promises';
import { isDiskFull, refusalOf } from '#kit/system-errors.ts';
import { RunFolderError } from '#lab/kit/errors/input-error.ts';
import { TestbedError } from '#lab/kit/errors/testbed-error.ts';

/** Errors of the file system about a path of the user's. */
const refused: readonly unknown[] = ['EACCES', 'EISDIR', 'ENOENT', 'ENOTDIR', 'EPERM', 'EROFS'];

/** Writes a file that appears complete or not at all. Rejects with RunFolderError or TestbedError. */
export async function writeWhole(file: string, text: string): Promise<void> {
  const part = `${file}.part`;
  const written = writeFile(part, text).then(() => rename(part, file));
  await written.catch(async (cause: NodeJS.ErrnoException) => {
    await rm(part, { force: true });
    const message = `cannot write ${file}: ${refusalOf(cause)}`;
    if (refused.includes(cause.code)) throw new RunFolderError(message, { cause });
    throw new TestbedError(isDiskFull(cause) ? 'disk-full' : 'disk', message, { cause });
  });
}
