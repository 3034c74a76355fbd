import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { labProgram } from './programs.ts';

/** Maximum number of times that a killed guardian is replaced. */
const successors = 3;

/**
 * Cleans up when the lab ends, even if the lab is killed: kills processes, runs commands and removes folders. The work
 * is done by a separate process, the guardian.
 */
export class Guard {
  /** Messages that are not revoked. A replacement guardian gets them, too. */
  readonly #sent = new Set<string>();
  readonly #ended = Promise.withResolvers<void>();
  #isReleased = false;
  #guardian = this.#start(successors);

  /** Kills the process and its process group when the lab ends. */
  process(child: ChildProcess): void {
    const { pid } = child;
    if (pid !== undefined) child.once('exit', this.#send(`process ${pid}`));
  }

  /** Removes the folder when the lab ends. */
  folder(path: string): void {
    this.#send(`folder ${path}`);
  }

  /** Runs a command with `input` as stdin when the lab ends. Returns a function that revokes the command. */
  command(argv: readonly string[], input = ''): () => void {
    return this.#send(`command ${JSON.stringify({ argv, input })}`);
  }

  /** Cleans up now. Resolves when the guardian has ended. */
  release(): Promise<void> {
    this.#isReleased = true;
    this.#guardian.ref();
    this.#guardian.stdin?.end();
    return this.#ended.promise;
  }

  /** Sends a message to the guardian. Returns a function that revokes the message. */
  #send(line: string): () => void {
    this.#sent.add(line);
    this.#guardian.stdin?.write(`+${line}\n`);
    return () => {
      this.#sent.delete(line);
      this.#guardian.stdin?.write(`-${line}\n`);
    };
  }

  #start(left: number): ChildProcess {
    const guardian = spawn(process.execPath, [labProgram('guardian')], {
      detached: true,
      stdio: ['pipe', 'ignore', 'inherit'], // failures of commands appear on stderr
    });
    guardian.stdin?.on('error', () => undefined);
    // Without `unref`, a lab that ends without `release` would wait for the guardian, which waits for the end of the
    // lab.
    guardian.unref();
    (guardian.stdin as Socket).unref();
    if (this.#isReleased) guardian.ref();
    for (const line of this.#sent) guardian.stdin?.write(`+${line}\n`);
    if (this.#isReleased) guardian.stdin?.end();
    guardian.once('exit', (_code, signal) => {
      // Ctrl-C can kill a new guardian while it is still in the process group of the lab.
      if (!signal || left === 0) return this.#ended.resolve();
      this.#guardian = this.#start(left - 1);
      this.#guardian.once('error', () => this.#ended.resolve());
    });
    return guardian;
  }
}
