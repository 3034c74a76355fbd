import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('./guardian.ts', import.meta.url));

/** Makes sure that nothing the lab has started survives it, even when the lab itself is killed. */
export class Guard {
  readonly #guardian: ChildProcess;

  constructor() {
    this.#guardian = spawn(process.execPath, [script], {
      detached: true,
      stdio: ['pipe', 'ignore', 'inherit'], // a command that fails says why
    });
    this.#guardian.stdin?.on('error', () => undefined);
  }

  /** Kills the process when the lab ends, with the group that it may lead, unless it has ended before. */
  process(child: ChildProcess): void {
    const { pid } = child;
    if (pid === undefined) return;
    this.#guardian.stdin?.write(`process ${pid}\n`);
    child.once('exit', () => this.#guardian.stdin?.write(`gone ${pid}\n`));
  }

  /** Removes the folder when the lab ends. */
  folder(path: string): void {
    this.#guardian.stdin?.write(`folder ${path}\n`);
  }

  /**
   * Runs a command, with a text on its stdin, when the lab ends, unless it is told before, by the function returned, that
   * there is no need.
   */
  command(argv: readonly string[], input = ''): () => void {
    const line = JSON.stringify({ argv, input });
    this.#guardian.stdin?.write(`command ${line}\n`);
    return () => this.#guardian.stdin?.write(`needless ${line}\n`);
  }

  /** Removes what is left now. */
  async release(): Promise<void> {
    const { exitCode, signalCode, pid } = this.#guardian;
    if (exitCode !== null || signalCode !== null || pid === undefined) return;
    const exit = once(this.#guardian, 'exit');
    this.#guardian.stdin?.end();
    await exit;
  }
}
