import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { clockId } from '#kit/process/clock-id.ts';
import { version } from '#kit/process/installation.ts';
import type { Connect } from '#lab/world/agents/generator.ts';
import { joinedFleet } from '#lab/world/agents/joined.ts';
import { LoadAgent } from '#lab/world/agents/load-agent.ts';
import { connectToServer, credentialsVariable } from '#lab/world/agents/nats.ts';
import { natsServerCommand } from '#lab/world/local/commands.ts';
import { Guard } from '#lab/world/process/guard.ts';
import { startChild } from '#lab/world/process/launch.ts';
import { withNats } from '#test/support/nats.ts';

const nats = withNats();

/** Generator that does nothing. */
const idle: Connect = () => ({
  send: () => undefined,
  lost: new Promise(() => undefined),
  stop: async () => undefined,
});

/** Joins an agent in this process. It leaves without a word when the test is over, or by `die`. */
async function join1(
  name: string,
  more: { version?: string; url?: string; say?: (line: string) => void } = {},
) {
  const { url = nats.url, ...parts } = more;
  const { connection } = await connectToServer(url, name, { persistent: true });
  const id = `id-of-${name}`;
  const said: string[] = [];
  const agent = new LoadAgent({
    id,
    name,
    connection,
    connect: idle,
    say: (line) => said.push(line),
    ...parts,
  });
  await connection.flush();
  const die = () => connection.close();
  onTestFinished(die);
  return { agent, said, die, id };
}

async function fleet(options: { count?: number; joinMs?: number; signal?: AbortSignal } = {}) {
  const joined = await joinedFleet({ url: nats.url, ...options });
  onTestFinished(() => joined.release());
  return joined;
}

const place = { logFolder: '', guard: undefined as never, env: {} };
const target = {
  path: 'rpc',
  url: 'http://127.0.0.1:1',
  connections: 4,
  requests: 2,
  concurrency: 2,
} as const;

describe('joinedFleet', () => {
  test('uses all agents that have joined, in the order of their names, until it releases them', async () => {
    const [b, a] = [await join1('b'), await join1('a')];
    const joined = await fleet();
    expect(joined.names).toEqual(['a', 'b']);
    await joined.release();
    for (const { said } of [a, b]) expect(said.at(-1)).toBe('is free');
    expect((await fleet()).names).toEqual(['a', 'b']);
  });

  test('compares the clock of each agent with its own', async () => {
    for (const name of ['a', 'b']) await join1(name);
    const { pings } = await (await fleet()).open(place);
    expect([...pings!.keys()]).toEqual(['a', 'b']);
    const { sentAtMs, receivedAtMs, answeredAtMs, returnedAtMs, ...rest } = await pings!.get('b')!();
    expect([receivedAtMs, answeredAtMs, returnedAtMs].sort((a, b) => a - b)).toEqual([
      receivedAtMs,
      answeredAtMs,
      returnedAtMs,
    ]);
    expect(receivedAtMs).toBeGreaterThan(sentAtMs);
    expect(rest).toEqual({ clockId });
  });

  test('refuses an agent of another version, by name and with both versions', async () => {
    await join1('new');
    await join1('old', { version: '0.9.0' });
    await expect(fleet()).rejects.toMatchObject({
      name: 'InputError',
      message: `the load agent old at ${nats.url} runs Spillway 0.9.0, and this lab ${version}: install the same version`,
    });
  });

  test('refuses agents that work for another lab, which it names', async () => {
    await join1('a');
    await fleet();
    await expect(joinedFleet({ url: nats.url })).rejects.toThrow(
      /^the load agents at nats:.* are busy: a works for the lab on .* \(process \d+\)$/,
    );
  });

  test('lets the agents go if it is interrupted while it claims them', async () => {
    const interrupt = new AbortController();
    const { signal } = interrupt;
    await join1('a', { say: () => interrupt.abort(new Error('interrupted')) });
    await expect(fleet({ signal })).rejects.toThrow('interrupted');
    expect((await fleet()).names).toEqual(['a']);
  });

  test('says how many of how many joined, if one does not come in time', async () => {
    await join1('a');
    await expect(fleet({ count: 2, joinMs: 600 })).rejects.toThrow(
      /^1 of 2 load agents joined at nats:.* within 600 ms$/,
    );
  });

  test('says how to start one if there is none, also without a server', async () => {
    await expect(fleet()).rejects.toThrow(`start one with \`spillway agent --at ${nats.url}\``);
    await expect(joinedFleet({ url: 'nats://127.0.0.1:1' })).rejects.toThrow(
      /^no NATS server for load agents answers at nats:\/\/127.0.0.1:1 \(/,
    );
  });
});

test.each(['token: "s3cret"', 'user: me, password: "s3cret"'])(
  'connectToServer takes a login (%s) from the URL or the environment, and never repeats it',
  async (authorization) => {
    const guard = new Guard();
    onTestFinished(() => guard.release());
    const folder = mkdtempSync(join(tmpdir(), 'spillway-test-'));
    guard.folder(folder);
    const command = natsServerCommand(-1, join(folder, 'js'), join(folder, 'log'), {
      authorization: `authorization { ${authorization} }`,
    });
    const server = await startChild(command, guard);
    const login = authorization.startsWith('token') ? 's3cret' : 'me:s3cret';
    const host = `127.0.0.1:${server.ports.client}`;
    const connected = async (url: string) => {
      const { connection, url: shown } = await connectToServer(url, 'test', { persistent: false });
      await connection.close();
      return shown;
    };
    expect(await connected(`nats://${login}@${host}`)).toBe(`nats://${host}`);
    const refused = new RegExp(
      `^the NATS server of the load agents at nats://${host} refused the login: set ${credentialsVariable} to user:password or to the token$`,
    );
    await expect(connected(`nats://wrong@${host}`)).rejects.toThrow(refused);
    await expect(connected(`nats://${host}`)).rejects.toThrow(refused);
    vi.stubEnv(credentialsVariable, login);
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(await connected(`nats://${host}`)).toBe(`nats://${host}`);
  },
);

describe('a command of joined agents', () => {
  test('ends with the name of an agent that has died', async () => {
    await join1('a');
    const dying = await join1('b');
    const agents = await (await fleet()).open(place);
    const warming = agents.warm(target);
    await dying.die();
    await expect(warming).rejects.toMatchObject({
      name: 'agent-lost',
      message: `the load agent b is gone from ${nats.url}`,
    });
  });

  test('ends with the name and the reason of an agent that leaves', async () => {
    const { agent } = await join1('a');
    const agents = await (await fleet()).open(place);
    const warming = agents.warm(target);
    await agent.end('it left');
    await expect(warming).rejects.toMatchObject({
      name: 'agent-lost',
      message: 'the load agent a stopped during the run: it left',
    });
  });

  test('ends when the server is gone, and names the server and the agents', async () => {
    await join1('a');
    const agents = await (await fleet()).open(place);
    const warming = agents.warm(target).catch((error) => error);
    await nats.kill();
    expect(await warming).toMatchObject({
      name: 'agent-lost',
      message: `the NATS server of the load agents at ${nats.url} is gone, and with it a`,
    });
  });

  test('is refused at the server that is the broker under test', async () => {
    await join1('a');
    const brokerId = (await nats.connect()).info!.server_id;
    await expect((await fleet()).open({ ...place, brokerId })).rejects.toMatchObject({
      name: 'agents-at-broker',
    });
  });
});
