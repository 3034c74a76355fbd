import { expect, onTestFinished, test } from 'vitest';
import { Upstream } from '#kit/http-client/upstream.ts';
import { type Received, stubDownstream } from '#test/support/stub-downstream.ts';

const { signal } = new AbortController();
const posted = { id: 'r1', body: '{"id":"r1"}', attempts: 1 };

for (const client of ['light', 'undici'] as const) {
  async function rig(answer?: (received: Received) => void) {
    const stub = await stubDownstream(answer);
    const connections = new Set<unknown>();
    stub.server.on('connection', (socket) => connections.add(socket));
    const upstream = new Upstream(stub.url);
    upstream.use(client);
    onTestFinished(() => upstream.close());
    return { stub, connections, post: (caller = signal) => upstream.post(posted, caller) };
  }

  test(`Upstream.post has as many connections as there are calls under way, and uses them again, ${client}`, async () => {
    const { post, stub, connections } = await rig(
      ({ response }) => void setImmediate(() => response.end('{}')),
    );
    for (let i = 0; i < 3; i++) await Promise.all(Array.from({ length: 50 }, () => post()));
    expect(connections.size).toBe(50);
    expect(stub.received).toHaveLength(150);
  });

  test(`Upstream.post opens no more for calls that follow at once on answers, ${client}`, async () => {
    const { post, stub, connections } = await rig(
      ({ response }) => void setImmediate(() => response.end('{}')),
    );
    const caller = async () => {
      for (let i = 0; i < 20; i++) await post();
    };
    await Promise.all(Array.from({ length: 40 }, caller));
    expect(connections.size).toBe(40);
    expect(stub.received).toHaveLength(800);
  });

  test(`Upstream.post takes the connection that was used last, ${client}`, async () => {
    const held: Received[] = [];
    const { post, stub } = await rig((received) => void held.push(received));
    const calls = [post(), post(), post()];
    await stub.got(2);
    for (const { response } of held) {
      response.end('{}');
      await calls.shift();
    }
    // Before that, the server may still close the connection after its answer.
    for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate);
    void post().catch(() => undefined);
    const { request } = await stub.got(3);
    expect(held.map((each) => each.request.socket === request.socket)).toEqual([false, false, true, true]);
  });

  test(`Upstream.post connects again after an abort only where no other connection is free, ${client}`, async () => {
    const { post, stub, connections } = await rig();
    const caller = new AbortController();
    const cutOff = post(caller.signal);
    const kept = post();
    (await stub.got(1)).response.end('{}');
    await kept;
    caller.abort(new Error('enough'));
    await expect(cutOff).rejects.toThrow('enough');
    const calls = [post(), post()];
    for (const at of [2, 3]) (await stub.got(at)).response.end('{"again":true}');
    expect(await Promise.all(calls)).toEqual(['{"again":true}', '{"again":true}']);
    expect(connections.size).toBe(3);
  });
}
