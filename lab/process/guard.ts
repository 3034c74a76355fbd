import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('./guardian.ts', import.meta.url));

/** Makes sure that nothing the lab has started survives it, even when the lab itself is killed. */
export class Guard {
  readonly #told: string[] = [];
  readonly #ended = Promise.withResolvers<void>();
  #isReleased = false;
  #guardian = this.#start();

  /** Kills the process when the lab ends, with the group that it may lead, unless it has ended before. */
  process(child: ChildProcess): void {
    const { pid } = child;
    if (pid === undefined) return;
    this.#tell(`process ${pid}\n`);
    child.once('exit', () => this.#tell(`gone ${pid}\n`));
  }

  /** Removes the folder when the lab ends. */
  folder(path: string): void {
    this.#tell(`folder ${path}\n`);
  }

  /**
   * Runs a command, with a text on its stdin, when the lab ends, unless it is told before, by the function returned, that
   * there is no need.
   */
  command(argv: readonly string[], input = ''): () => void {
    const line = JSON.stringify({ argv, input });
    this.#tell(`command ${line}\n`);
    return () => this.#tell(`needless ${line}\n`);
  }

  /** Removes what is left now. */
  release(): Promise<void> {
    this.#isReleased = true;
    this.#guardian.stdin.end();
    return this.#ended.promise;
  }

  #tell(line: string): void {
    this.#told.push(line);
    this.#guardian.stdin.write(line);
  }

  #start() {
    const guardian = spawn(process.execPath, [script], {
      detached: true,
      stdio: ['pipe', 'ignore', 'inherit'], // a command that fails says why
    });
    guardian.stdin.on('error', () => undefined);
    for (const line of this.#told) guardian.stdin.write(line);
    if (this.#isReleased) guardian.stdin.end();
    // A Ctrl-C can kill it as it is born, before it has left the group of the lab.
    guardian.once('exit', (_code, signal) => {
      if (signal) this.#guardian = this.#start();
      else this.#ended.resolve();
    });
    return guardian;
  }
}
