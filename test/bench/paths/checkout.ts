import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { deleteStreams } from '#kit/broker/broker.ts';
import { connectBroker } from '#kit/broker/nats.ts';
import { systemClock } from '#kit/clock.ts';
import type { Listening } from '#kit/service.ts';
import { natsServerCommand } from '#lab/world/local/commands.ts';
import { nodeOptions } from '#lab/world/process/bundle.ts';
import { Guard } from '#lab/world/process/guard.ts';
import { startChild } from '#lab/world/process/launch.ts';
import { Process } from '../process.ts';

/** Starts a program of a checkout from its sources. */
export const startProgram = (root: string, script: string, env: Readonly<Record<string, string>> = {}) =>
  Process.start(pathToFileURL(join(root, script)), [], nodeOptions, env);

/** Service of a checkout, in a separate process. */
export class Service implements AsyncDisposable {
  readonly #process: Process;
  readonly #ports: Listening;

  static async start(root: string, name: string, env: Readonly<Record<string, string>>): Promise<Service> {
    const process = startProgram(root, `services/${name}/main.ts`, env);
    for (;;) {
      const { listening } = JSON.parse(await process.line());
      if (listening) return new Service(process, listening);
    }
  }

  private constructor(process: Process, ports: Listening) {
    this.#process = process;
    this.#ports = ports;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#ports.traffic}`;
  }

  /** Calls the control port. */
  async ask(method: 'GET' | 'PUT' | 'DELETE', path: string, body?: object): Promise<string> {
    const headers = { 'content-type': 'application/json' };
    const init = { method, ...(body && { headers, body: JSON.stringify(body) }) };
    const answer = await fetch(`http://127.0.0.1:${this.#ports.control}${path}`, init);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${text}`);
    return text;
  }

  /** Returns the CPU time used so far, in µs. */
  async cpuUs(): Promise<number> {
    const text = await this.ask('GET', '/metrics');
    return Number(/^process_cpu_seconds_total (\S+)$/m.exec(text)![1]) * 1e6;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
  }
}

/** Starts a broker with its data in `folder`. `empty` deletes all streams. */
export async function startBroker(folder: string) {
  const guard = new Guard();
  const command = natsServerCommand(-1, join(folder, 'jetstream'), join(folder, 'nats.log'));
  const { ports } = await startChild(command, guard);
  const url = `nats://127.0.0.1:${ports.client}`;
  const broker = await connectBroker(url, 'bench');
  return {
    url,
    empty: () => deleteStreams(broker),
    async [Symbol.asyncDispose]() {
      await broker.close();
      await guard.release();
    },
  };
}

/** Returns the time in ms in which `spillway up` starts a testbed of a checkout. */
export function testbedStartMs(root: string, folder: string): number {
  const env = { ...process.env, SPILLWAY_STATE: join(folder, 'state') };
  const spillway = (...args: string[]) => {
    const { status, stderr } = spawnSync(join(root, 'bin/spillway'), args, { env, encoding: 'utf8' });
    if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`);
  };
  const startedAtMs = systemClock.now();
  spillway('up', '--port-base', '4700');
  const tookMs = systemClock.now() - startedAtMs;
  spillway('down');
  return tookMs;
}
