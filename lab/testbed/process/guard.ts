import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('./guardian.ts', import.meta.url));

/** Maximal number of killed guardians in a row to replace. */
const successors = 3;

/** Ends everything that the lab has started when the lab ends, even if it is killed. */
export class Guard {
  /** Messages that still apply, for a new guardian. */
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

  /** Runs a command with this stdin when the lab ends. Returns a function that revokes it. */
  command(argv: readonly string[], input = ''): () => void {
    return this.#send(`command ${JSON.stringify({ argv, input })}`);
  }

  /** Removes everything that is left now. */
  release(): Promise<void> {
    this.#isReleased = true;
    this.#guardian.ref();
    this.#guardian.stdin?.end();
    return this.#ended.promise;
  }

  /** Returns a function that revokes the message. */
  #send(line: string): () => void {
    this.#sent.add(line);
    this.#guardian.stdin?.write(`+${line}\n`);
    return () => {
      this.#sent.delete(line);
      this.#guardian.stdin?.write(`-${line}\n`);
    };
  }

  #start(left: number): ChildProcess {
    const guardian = spawn(process.execPath, [script], {
      detached: true,
      stdio: ['pipe', 'ignore', 'inherit'], // reports commands that fail
    });
    guardian.stdin?.on('error', () => undefined);
    // A lab that ends without a release must not wait for the guardian, which waits for the end of the lab.
    guardian.unref();
    (guardian.stdin as Socket).unref();
    if (this.#isReleased) guardian.ref();
    for (const line of this.#sent) guardian.stdin?.write(`+${line}\n`);
    if (this.#isReleased) guardian.stdin?.end();
    guardian.once('exit', (_code, signal) => {
      // Ctrl-C can kill it before it has left the process group of the lab.
      if (!signal || left === 0) return this.#ended.resolve();
      this.#guardian = this.#start(left - 1);
      this.#guardian.once('error', () => this.#ended.resolve());
    });
    return guardian;
  }
}
