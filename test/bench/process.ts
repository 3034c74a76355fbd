import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { niceness, prioritised } from '#lab/world/process/launch.ts';
import type { Report } from '#load/protocol.ts';

/** Script in a child process with the priority of a testbed's processes. The script exits when its stdin ends. */
export class Process implements AsyncDisposable {
  readonly #script: string;
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #closed: Promise<unknown>;

  static start(
    script: URL,
    args: readonly string[] = [],
    nodeOptions: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
  ): Process {
    const own = [...nodeOptions, script.pathname, ...args];
    const command = prioritised(process.execPath, own, niceness.testbed);
    return new Process(
      script.pathname,
      spawn(command.file, command.args, {
        stdio: ['pipe', 'pipe', 'inherit'],
        env: { ...process.env, ...env },
      }),
    );
  }

  private constructor(script: string, child: ChildProcess) {
    this.#script = script;
    this.#child = child;
    this.#closed = once(child, 'close');
    this.#lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  }

  async line(): Promise<string> {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`${this.#script} ended before it answered`);
    return value;
  }

  send(line: string): void {
    this.#child.stdin!.write(`${line}\n`);
  }

  /** Sends a command to the generator and waits for the expected report. Rejects on a report of an error. */
  ask<R extends Report['report']>(command: object, expected: R): Promise<Extract<Report, { report: R }>> {
    this.send(JSON.stringify(command));
    return this.report(expected);
  }

  /** Waits for a report of the generator. Rejects on a report of an error. */
  async report<R extends Report['report']>(
    expected: R,
    isIt: (report: Extract<Report, { report: R }>) => boolean = () => true,
  ): Promise<Extract<Report, { report: R }>> {
    for (;;) {
      const report: Report = JSON.parse(await this.line());
      if (report.report === 'error') throw new Error(report.message);
      const found = report as Extract<Report, { report: R }>;
      if (report.report === expected && isIt(found)) return found;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin!.end();
    this.#child.kill(); // services end by a signal, not with stdin
    await this.#closed;
  }
}
