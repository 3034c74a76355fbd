/** How far the parts of a testbed go before everything else on the machine, as niceness: what measures goes first. */
export const niceness = { generator: -15, testbed: -10 } as const;

/**
 * The command line that starts a program at a niceness, where we may: root only. Otherwise the program as it is, and
 * a busy machine shows in the validity checks.
 */
export function prioritised(
  file: string,
  args: readonly string[],
  level: number,
): { file: string; args: readonly string[] } {
  return process.getuid?.() === 0
    ? { file: 'nice', args: ['-n', String(level), file, ...args] }
    : { file, args };
}
