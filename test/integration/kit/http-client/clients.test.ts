import { expect, onTestFinished, test } from 'vitest';
import type { HttpClient } from '#kit/http-client/client.ts';
import { LightClient } from '#kit/http-client/light.ts';
import { UndiciClient } from '#kit/http-client/undici.ts';
import { done, type Received, stubDownstream } from '#test/support/stub-downstream.ts';

const body = '{"id":"r1","payload":"größer 🎈"}';
const sent = { path: '/work', headers: ['x-request-id', 'r1'], body };

const echo = ({ request, response }: Received) =>
  void request.toArray().then((chunks) => response.end(Buffer.concat(chunks)));

for (const Client of [LightClient, UndiciClient]) {
  const rig = async (answer?: (received: Received) => void) => {
    const stub = await stubDownstream(answer);
    const client: HttpClient = new Client(new URL(stub.url).origin);
    onTestFinished(() => client.destroy());
    const post = (post = sent) =>
      new Promise<string>((resolve, reject) => {
        client.post(post, { answered: (status, text) => resolve(`${status} ${text}`), broken: reject });
      });
    return { stub, client, post };
  };

  test(`${Client.name} sends and reads UTF-8`, async () => {
    const { post } = await rig(echo);
    expect(await post()).toBe(`200 ${body}`);
  });

  test(`${Client.name} sends no header with a line break`, async () => {
    const { post, stub } = await rig(done);
    await expect(post({ ...sent, headers: ['x-request-id', 'r1\r\nx-attempt: 7'] })).rejects.toThrow();
    expect(stub.received).toHaveLength(0);
    expect(await post()).toBe('200 {"done":true}');
  });

  test(`${Client.name} closes after the requests under way`, async () => {
    const { client, post, stub } = await rig();
    const answer = post();
    const { response, request } = await stub.got(0);
    let isClosed = false;
    const closed = client.close().then(() => {
      isClosed = true;
    });
    await new Promise(setImmediate);
    expect([isClosed, request.socket.destroyed]).toEqual([false, false]);
    response.end('{}');
    expect(await answer).toBe('200 {}');
    await closed;
  });

  test(`${Client.name} closes as soon as the last request has ended, also one that waits for a connection`, async () => {
    const { client, post } = await rig(done);
    await post();
    // Its connection was given back a moment ago, so this one waits for it.
    const answer = post();
    await Promise.all([client.close(), client.close()]);
    expect(await answer).toBe('200 {"done":true}');
    await client.close();
  });

  test(`${Client.name} breaks off its requests when it is destroyed, and sends none after that`, async () => {
    const { client, post, stub } = await rig();
    const answer = post();
    await stub.got(0);
    await client.destroy();
    await expect(answer).rejects.toThrow();
    await expect(post()).rejects.toThrow();
    await expect(client.probe(new AbortController().signal)).rejects.toThrow();
    expect(stub.received).toHaveLength(1);
    await client.close();
  });
}
