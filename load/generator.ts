import { systemClock } from '#kit/clock.ts';
import { tlsTransport } from '#kit/http-client/tls.ts';
import { cpuOfProcess } from '#kit/stalls.ts';
import { isDiskFull } from '#kit/system-errors.ts';
import { addressesIn } from '#kit/urls.ts';
import type { Command } from './commands.ts';
import { type Completions, natsCompletions } from './completions.ts';
import type { Report } from './protocol.ts';
import { createRecord } from './record.ts';
import { recordIn } from './record-file.ts';
import { type Host, run } from './run.ts';
import type { Connections } from './sending/connections.ts';
import { httpConnections } from './sending/http-connections.ts';
import { warm } from './warm.ts';

type Work = Exclude<Command, { do: 'stop' }>;

interface GeneratorParts {
  readonly report: (report: Report) => void;
  readonly openCompletions?: typeof natsCompletions;
}

export const thisProcess: Host = {
  createRecord: async (file, _planned, onError) => recordIn(await createRecord(file, onError)),
  cpuMs: cpuOfProcess,
  rssPeakBytes: () => process.resourceUsage().maxRSS * 1024,
};

/** Carries out commands, one at a time. Connections stay open between commands. */
export class Generator {
  readonly #parts: Required<GeneratorParts>;
  readonly #completions = new Map<string, Completions>();
  #target: { readonly key: string; readonly connections: Connections } | undefined;
  #underWay: { readonly stop: AbortController; readonly ended: Promise<unknown> } | undefined;
  #warmed = 0;

  constructor(parts: GeneratorParts) {
    this.#parts = { openCompletions: natsCompletions, ...parts };
  }

  /** Carries out a command, given as a line of JSON. Reports the command's result or its error. */
  async handle(line: string): Promise<void> {
    try {
      const command: Command = JSON.parse(line);
      if (command.do === 'stop') return this.#stop();
      if (this.#underWay) throw new Error(`${command.do}: expected no other command under way`);
      const stop = new AbortController();
      const ended = this.#carryOut(command, stop.signal);
      this.#underWay = { stop, ended };
      this.#parts.report(await ended);
    } catch (error) {
      const { message, cause } = error as Error;
      const name = isDiskFull(cause) ? 'disk-full' : 'generator-error';
      this.#parts.report({ report: 'error', name, message });
    }
  }

  /** Stops the current command, lets it report, and then closes all connections. */
  async close(): Promise<void> {
    this.#stop();
    await this.#underWay?.ended.catch(() => {}); // reported by its caller
    this.#target?.connections.close();
    await Promise.all([...this.#completions.values()].map((completions) => completions.close()));
  }

  /** Stops the current command. Also closes the connections, so that attempts to connect end. */
  #stop(): void {
    if (!this.#underWay) return;
    this.#underWay.stop.abort();
    this.#target?.connections.close();
  }

  async #carryOut(command: Work, stop: AbortSignal): Promise<Report> {
    try {
      const { report } = this.#parts;
      const connections = this.#connectionsTo(command);
      const completions = await this.#completionsFor(command);
      const parts = { clock: systemClock, connections, completions, report, host: thisProcess };
      if (command.do === 'run') return { report: 'ended', ...(await run(command, parts, stop)) };
      const firstIndex = this.#warmed;
      this.#warmed += command.requests;
      return await warm(command, parts, stop, firstIndex);
    } finally {
      this.#underWay = undefined;
    }
  }

  /** Returns the last command's connections if they have the same target and number; otherwise new connections. */
  #connectionsTo({ url, connections: size, request }: Work): Connections {
    const insecure = request?.insecure ?? false;
    const key = JSON.stringify([url, size, insecure]);
    if (this.#target?.key !== key) {
      this.#target?.connections.close();
      const transport = url.startsWith('https:') ? tlsTransport({ insecure }) : undefined;
      this.#target = { key, connections: httpConnections(addressesIn(url), size, transport) };
    }
    return this.#target.connections;
  }

  async #completionsFor({ path, natsUrl, natsCredentials }: Work): Promise<Completions | undefined> {
    if (path === 'rpc' || natsUrl === undefined) return undefined;
    const known = this.#completions.get(natsUrl);
    const completions = known ?? (await this.#parts.openCompletions(natsUrl, natsCredentials));
    this.#completions.set(natsUrl, completions);
    return completions;
  }
}
