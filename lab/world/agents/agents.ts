import { type Clock, systemClock } from '#kit/clock.ts';
import { isDiskFull } from '#kit/system-errors.ts';
import { TestbedError } from '#lab/experiment/errors/testbed-error.ts';
import type { Command } from '#load/commands.ts';
import type { Summary, WarmUp } from '#load/protocol.ts';
import { createRecord } from '#load/record.ts';
import type { RecordFile } from '#load/record-file.ts';
import { partOf, type Share } from '#load/share.ts';
import type { Generator, Listeners, LoadGenerator } from './generator.ts';
import { MergedProgress, mergeSummaries, mergeWarmUps } from './merge.ts';

type Warm = Omit<Extract<Command, { do: 'warm' }>, 'do'>;
type Run = Omit<Extract<Command, { do: 'run' }>, 'do'>;

/** Load agent: a generator that sends a share of the requests. */
export interface Agent {
  readonly name: string;
  readonly generator: Pick<Generator, 'warm' | 'run' | 'start' | 'stop'>;
}

/** Time from the moment when all agents are ready to the start of the load. It covers the way of the command. */
const leadMs = 300;

/**
 * Several load agents, which together work like one generator. Each request belongs to exactly one agent, so the number
 * of agents does not change what is offered. Connections and callers are divided among them.
 */
export class Agents implements LoadGenerator {
  readonly #agents: readonly Agent[];
  readonly #clock: Clock;

  constructor(agents: readonly Agent[], clock: Clock = systemClock) {
    this.#agents = agents;
    this.#clock = clock;
  }

  async warm(command: Warm): Promise<WarmUp> {
    const parts = this.#agents.map(({ generator }, index) =>
      generator.warm(warmPart(command, this.#share(index))),
    );
    return mergeWarmUps(await Promise.all(parts));
  }

  /**
   * Offers the load, and resolves with the merged summary. The record has the lines of all agents, and grows during the
   * run. Rejects like `Generator.run` if one of the agents fails, and if the record lacks a request.
   */
  async run({ recordFile = '/dev/null', ...command }: Run, listeners: Listeners = {}): Promise<Summary> {
    const unwritable = Promise.withResolvers<never>();
    unwritable.promise.catch(() => undefined);
    const record = await createRecord(recordFile, unwritable.reject).catch(refuseRecord);
    const merging = new Merging(this.#agents.length, record, listeners);
    try {
      const ready = this.#agents.map(() => Promise.withResolvers<void>());
      const parts = this.#agents.map(({ generator }, index) =>
        generator.run(runPart(command, this.#share(index)), {
          ...merging.listenersTo(index),
          ready: () => ready[index]!.resolve(),
        }),
      );
      const ended = Promise.all(parts.map((part, index) => merging.ended(index, part)));
      const failed = unwritable.promise.catch(refuseRecord);
      await Promise.race([Promise.all(ready.map(({ promise }) => promise)), ended, failed]);
      const atMs = this.#clock.now() + leadMs;
      listeners.started?.(atMs);
      for (const { generator } of this.#agents) generator.start(atMs);
      const summaries = await Promise.race([ended, failed]);
      for (const [index, summary] of summaries.entries()) this.#refuseGap(index, summary, merging);
      return mergeSummaries(summaries, atMs);
    } finally {
      merging.isOver = true;
      await record.close().catch(refuseRecord);
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.#agents.map(({ generator }) => generator.stop()));
  }

  #share(index: number): Share {
    return { index, of: this.#agents.length };
  }

  /** Rejects a record without a line for each request, since a line may be lost on the way. */
  #refuseGap(index: number, { offered }: Summary, merging: Merging): void {
    const lines = merging.lines[index]!;
    if (lines === offered) return;
    const message = `load agent ${this.#agents[index]!.name}: expected a line of the record for each of ${offered} requests, got ${lines}`;
    throw new TestbedError('record-incomplete', message);
  }
}

/** Throws TestbedError for a record that can't be written. */
function refuseRecord(error: Error): never {
  const name = isDiskFull(error.cause) ? 'disk-full' : 'generator-error';
  throw new TestbedError(name, error.message, { cause: error });
}

/** Merges what agents report during a run. */
class Merging {
  /** Lines of the record by agent. */
  readonly lines: number[];
  isOver = false;
  readonly #progress: MergedProgress;
  readonly #record: RecordFile;
  readonly #listeners: Listeners;
  #recordedMs = 0;

  constructor(agents: number, record: RecordFile, listeners: Listeners) {
    this.lines = new Array(agents).fill(0);
    this.#progress = new MergedProgress(agents);
    this.#record = record;
    this.#listeners = listeners;
  }

  listenersTo(agent: number): Parameters<Generator['run']>[1] {
    return {
      lines: (lines) => {
        this.lines[agent]! += lines.split('\n').length - 1;
        this.#record.add(lines.slice(0, -1)); // `add` adds the last line break
      },
      progress: (counts) => {
        const merged = this.#progress.add(agent, counts);
        if (merged) this.#listeners.progress?.(merged);
      },
      recorded: ({ elapsedMs }) => void this.#recorded(this.#progress.recorded(agent, elapsedMs)),
    };
  }

  async ended(agent: number, part: Promise<Summary>): Promise<Summary> {
    const summary = await part;
    this.#progress.end(agent, summary);
    return summary;
  }

  /** Reports a later time until which the record is complete, once the file has the lines. */
  async #recorded(elapsedMs: number): Promise<void> {
    if (elapsedMs <= this.#recordedMs) return;
    this.#recordedMs = elapsedMs;
    await this.#record.flush();
    if (!this.isOver) this.#listeners.recorded?.({ elapsedMs });
  }
}

/** Returns an agent's part of a warm-up. Each agent sends at least one request. */
const warmPart = (command: Warm, share: Share): Warm => ({
  ...command,
  share,
  connections: partOf(command.connections, share),
  requests: Math.max(1, partOf(command.requests, share)),
  concurrency: Math.max(1, partOf(command.concurrency, share)),
});

const runPart = (command: Run, share: Share): Run => ({
  ...command,
  share,
  connections: partOf(command.connections, share),
  callers: command.callers === undefined ? undefined : partOf(command.callers, share),
});
