const words: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EDQUOT: 'no space left in the quota',
  EISDIR: 'it is a folder',
  ELOOP: 'its links lead in a circle',
  ENAMETOOLONG: 'its name is too long',
  ENOENT: 'no such file or folder',
  ENOSPC: 'no space left on the disk',
  ENOTDIR: 'it is a file, or below one',
  EPERM: 'permission denied',
  EROFS: 'the disk is read-only',
};

/** Describes an error of the file system in words that a user understands. */
export function refusalOf(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return words[code] ?? message;
}

export const isDiskFull = (error: unknown): boolean =>
  ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException | undefined)?.code ?? '');
