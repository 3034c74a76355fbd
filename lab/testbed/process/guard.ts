import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('./guardian.ts', import.meta.url));

/** So many guardians in a row are put in the place of one that was killed: a machine that kills each has no room for any. */
const successors = 3;

/** Makes sure that nothing the lab has started survives it, even when the lab itself is killed. */
export class Guard {
  /** What stands of all that it was told. */
  readonly #told = new Set<string>();
  readonly #ended = Promise.withResolvers<void>();
  #isReleased = false;
  #guardian = this.#start(successors);

  /** Kills the process when the lab ends, with the group that it may lead, unless it has ended before. */
  process(child: ChildProcess): void {
    const { pid } = child;
    if (pid !== undefined) child.once('exit', this.#tell(`process ${pid}`, `gone ${pid}`));
  }

  /** Removes the folder when the lab ends. */
  folder(path: string): void {
    this.#tell(`folder ${path}`);
  }

  /**
   * Runs a command, with a text on its stdin, when the lab ends, unless it is told before, by the function returned, that
   * there is no need.
   */
  command(argv: readonly string[], input = ''): () => void {
    const line = JSON.stringify({ argv, input });
    return this.#tell(`command ${line}`, `needless ${line}`);
  }

  /** Removes what is left now. */
  release(): Promise<void> {
    this.#isReleased = true;
    this.#guardian.stdin?.end();
    return this.#ended.promise;
  }

  /** Returns what takes it back. */
  #tell(line: string, revoked = ''): () => void {
    this.#told.add(line);
    this.#guardian.stdin?.write(`${line}\n`);
    return () => {
      this.#told.delete(line);
      this.#guardian.stdin?.write(`${revoked}\n`);
    };
  }

  #start(left: number): ChildProcess {
    const guardian = spawn(process.execPath, [script], {
      detached: true,
      stdio: ['pipe', 'ignore', 'inherit'], // a command that fails says why
    });
    guardian.stdin?.on('error', () => undefined);
    for (const line of this.#told) guardian.stdin?.write(`${line}\n`);
    if (this.#isReleased) guardian.stdin?.end();
    guardian.once('exit', (_code, signal) => {
      // A Ctrl-C can kill it as it is born, before it has left the group of the lab.
      if (!signal || left === 0) return this.#ended.resolve();
      this.#guardian = this.#start(left - 1);
      this.#guardian.once('error', () => this.#ended.resolve());
    });
    return guardian;
  }
}
