import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { labProgram } from './programs.ts';

/**
 * Cleans up when the lab ends, even if the lab is killed: kills processes, runs commands and removes folders. The work
 * is done by a separate process, the guardian.
 */
export class Guard {
  readonly #guardian: ChildProcess;
  readonly #ended: Promise<unknown>;

  constructor() {
    this.#guardian = spawn(process.execPath, [labProgram('guardian')], {
      detached: true,
      stdio: ['pipe', 'ignore', 'inherit'], // failures of commands appear on stderr
    });
    this.#guardian.stdin?.on('error', () => undefined);
    this.#ended = once(this.#guardian, 'exit').catch(() => undefined);
    // Without `unref`, a lab that ends without `release` would wait for the guardian, which waits for the end of the
    // lab.
    this.#guardian.unref();
    (this.#guardian.stdin as Socket).unref();
  }

  /** Kills the process and its process group when the lab ends. */
  process(child: ChildProcess): void {
    const { pid } = child;
    if (pid !== undefined) child.once('exit', this.#send(`process ${pid}`));
  }

  /** Removes the folder when the lab ends. */
  folder(path: string): void {
    this.#send(`folder ${path}`);
  }

  /** Runs a command when the lab ends. Returns a function that revokes the command. */
  command(argv: readonly string[]): () => void {
    return this.#send(`command ${JSON.stringify(argv)}`);
  }

  /** Cleans up now. Resolves when the guardian has ended. */
  async release(): Promise<void> {
    this.#guardian.ref();
    this.#guardian.stdin?.end();
    await this.#ended;
  }

  /** Sends a message to the guardian. Returns a function that revokes the message. */
  #send(line: string): () => void {
    this.#guardian.stdin?.write(`+${line}\n`);
    return () => void this.#guardian.stdin?.write(`-${line}\n`);
  }
}
