import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { connectBroker, deleteStreams, disconnectBroker } from '#kit/broker.ts';
import { type Child, startChild } from '#lab/engine/child.ts';
import { Guard } from '#lab/engine/guard.ts';
import { natsServerCommand } from '#lab/engine/nats-server.ts';

/** A real nats-server. */
export interface Nats {
  readonly url: string;
  /** A connection that is closed when the test is over. */
  connect(): Promise<NatsConnection>;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** Stops it in the middle of whatever it does: it still has its connections and says nothing, until it is killed. */
  pause(): void;
  /** Starts it again, same port and same data. */
  restart(): Promise<void>;
}

/** Gives a test file a broker of its own, on a free port, with its data in a folder that goes when the file is done. */
export function withNats(): Nats {
  let guard: Guard;
  let folder: string;
  let child: Child;
  const port = () => child?.ports.client;
  const start = async () => {
    const command = natsServerCommand(port() ?? -1, join(folder, 'jetstream'), join(folder, 'nats.log'));
    child = await startChild(command, guard);
  };
  beforeAll(async () => {
    guard = new Guard();
    folder = mkdtempSync(join(tmpdir(), 'spillway-test-'));
    guard.folder(folder);
    await start();
  });
  afterAll(() => guard.release());
  return {
    get url() {
      return `nats://127.0.0.1:${port()}`;
    },
    async connect() {
      const connection = await connectBroker(this.url, 'test');
      onTestFinished(async () => {
        if (!connection.isClosed()) await disconnectBroker(connection);
      });
      return connection;
    },
    async kill() {
      child.kill('SIGKILL');
      await child.ended;
    },
    pause: () => child.kill('SIGSTOP'),
    restart: start,
  };
}

/** A connection to a broker that holds nothing. */
export async function freshBroker(nats: Nats): Promise<NatsConnection> {
  const connection = await nats.connect();
  await deleteStreams(connection);
  return connection;
}
