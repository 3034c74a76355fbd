import { expect, test } from 'vitest';
import { VirtualClock } from '#kit/virtual-clock.ts';
import { untilTrusted } from '#lab/world/attach/handshake.ts';
import { serveTls, trust } from '#test/support/https-server.ts';
import { bytesServer } from '#test/support/listening.ts';

const { signal } = new AbortController();
const refused = (url: string, insecure = false) =>
  untilTrusted('gateway', url, { insecure, signal }).catch(({ name, message }: Error) => ({ name, message }));
const answering = (dns = 'localhost') => serveTls((_, response) => response.end(), { dns });

test('untilTrusted resolves for a certificate that is valid, and for any other one if insecure', async () => {
  const { url, cert } = await answering();
  expect(await refused(url, true)).toBeUndefined();
  trust(cert);
  expect(await refused(url)).toBeUndefined();
});

test('untilTrusted does not connect to a URL without TLS', async () => {
  expect(await refused('http://127.0.0.1:1')).toBeUndefined();
});

test('untilTrusted says what is wrong with a certificate, where, and what to do', async () => {
  const { url } = await answering();
  expect(await refused(url)).toEqual({
    name: 'gateway-certificate',
    message: `gateway at ${url} has no valid certificate (self-signed certificate): set NODE_EXTRA_CA_CERTS to a file with the certificate of its authority, or, only for a test, insecure: true in the experiment's request`,
  });
});

test('untilTrusted names the hosts of a certificate for another host', async () => {
  const { url, cert } = await answering('example.com');
  trust(cert);
  expect(await refused(url)).toEqual({
    name: 'gateway-certificate',
    message: expect.stringMatching(
      /Host: localhost\. is not in the cert's altnames: DNS:example\.com\): set/,
    ),
  });
});

test('untilTrusted says that a server speaks no TLS', async () => {
  const { port } = await bytesServer((socket) =>
    socket.on('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
  );
  const url = `https://127.0.0.1:${port}`;
  expect(await refused(url)).toEqual({
    name: 'gateway-tls',
    message: `gateway at ${url} does not accept TLS (it answered with another protocol or version): is it http:// and not https://?`,
  });
});

test('untilTrusted gives up after 5 s, and at once when the signal aborts', async () => {
  const { port } = await bytesServer(() => undefined);
  const url = `https://127.0.0.1:${port}`;
  const clock = new VirtualClock();
  const late = untilTrusted('gateway', url, { insecure: false, signal, clock });
  const rejected = expect(late).rejects.toThrow('does not accept TLS (not within 5000 ms)');
  await clock.advance(5000);
  await rejected;
  const controller = new AbortController();
  const aborted = untilTrusted('gateway', url, { insecure: false, signal: controller.signal });
  controller.abort(new Error('interrupted'));
  await expect(aborted).rejects.toThrow('interrupted');
});
