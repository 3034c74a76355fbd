import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, onTestFinished, vi } from 'vitest';
import { deleteStreams } from '#kit/broker/broker.ts';
import { disconnectBroker } from '#kit/broker/connect.ts';
import { names } from '#kit/broker/names.ts';
import type { NatsBroker } from '#kit/broker/nats.ts';
import { connectBroker } from '#kit/broker/nats.ts';
import { systemClock } from '#kit/clock.ts';
import { natsServerCommand } from '#lab/world/local/commands.ts';
import { Guard } from '#lab/world/process/guard.ts';
import { type Child, startChild } from '#lab/world/process/launch.ts';
import { until } from './until.ts';

/** A real nats-server. */
export interface Nats {
  readonly url: string;
  /** Folder of the broker's streams. A stream that is being removed has a dot before its name. */
  readonly streamsFolder: string;
  /** Connects to the broker. The connection is closed when the test is over. */
  connect(): Promise<NatsBroker>;
  /** Connects like `connect`, and deletes all streams. */
  fresh(): Promise<NatsBroker>;
  /** Kills the broker by SIGKILL and waits for its end. It is restarted when the test is over, at the latest. */
  kill(): Promise<void>;
  /** Pauses the broker: it keeps its connections and sends nothing. It is restarted when the test is over. */
  pause(): Promise<void>;
  /** Starts the broker again with the same port and data. */
  restart(): Promise<void>;
}

/** Time that services wait for a broker that doesn't answer, and the shorter time that replaces it in tests. */
const patience = { ms: 2000, shortMs: 200 };

/**
 * Starts a broker for a test file, on a free port, and removes its data afterwards. While the broker is stopped or
 * doesn't answer, services in this process time out sooner.
 */
export function withNats(): Nats {
  let guard: Guard;
  let folder: string;
  let child: Child;
  let isRunning = false;
  let isAnswering = false;
  const port = () => child?.ports.client;
  const start = async () => {
    const command = natsServerCommand(port() ?? -1, join(folder, 'jetstream'), join(folder, 'nats.log'));
    child = await startChild(command, guard);
    isRunning = true;
    isAnswering = true;
  };
  beforeAll(async () => {
    const { after } = systemClock;
    const lasting = (ms: number) => (ms === patience.ms && !isAnswering ? patience.shortMs : ms);
    vi.spyOn(systemClock, 'after').mockImplementation((ms, callback) => after(lasting(ms), callback));
    guard = new Guard();
    folder = mkdtempSync(join(tmpdir(), 'spillway-test-'));
    guard.folder(folder);
    await start();
  });
  afterAll(async () => {
    vi.restoreAllMocks();
    await guard.release();
  });
  return {
    get url() {
      return `nats://127.0.0.1:${port()}`;
    },
    get streamsFolder() {
      return join(folder, 'jetstream', 'jetstream', '$G', 'streams');
    },
    async connect() {
      const connection = await connectBroker(this.url, 'test');
      onTestFinished(async () => {
        if (!connection.isClosed()) await disconnectBroker(connection);
      });
      return connection;
    },
    async fresh() {
      // While the broker still removes a stream, it can't remove a newer one of the same name. The next test would then
      // continue its sequences. So this waits until the streams of the previous test are removed. It also waits until
      // the streams deleted here are removed, since the test may delete streams, too.
      const isRemoving = (name: string) => existsSync(join(this.streamsFolder, `.${name}`));
      const removed = () => until(() => !Object.values(names).some(isRemoving));
      await removed();
      const connection = await this.connect();
      await deleteStreams(connection);
      await removed();
      return connection;
    },
    async kill() {
      isRunning = false;
      isAnswering = false;
      onTestFinished(async () => {
        if (!isRunning) await start();
      });
      child.kill('SIGKILL');
      await child.ended;
    },
    async pause() {
      onTestFinished(async () => {
        if (isAnswering) return;
        child.kill('SIGKILL');
        await child.ended;
        await start();
      });
      child.kill('SIGSTOP');
      const state = () => execFileSync('ps', ['-o', 'state=', '-p', String(child.pid)], { encoding: 'utf8' });
      await until(() => state().startsWith('T'));
      isAnswering = false;
    },
    restart: start,
  };
}

/** Resolves when the connection works again. */
export const reconnected = (connection: NatsBroker): Promise<boolean> =>
  until(
    () =>
      connection.flush().then(
        () => true,
        () => false,
      ),
    'the connection is there again',
  );
