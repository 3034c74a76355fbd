import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import { getCACertificates, setDefaultCACertificates, type TLSSocket } from 'node:tls';
import { onTestFinished } from 'vitest';
import { selfSigned } from './certificate.ts';
import { listening } from './listening.ts';

/** Trusts a certificate, too, until the test is over. */
export function trust(cert: string): void {
  const before = getCACertificates('default');
  onTestFinished(() => setDefaultCACertificates(before));
  setDefaultCACertificates([...before, cert]);
}

/** Starts an https server on loopback, with a certificate for `dns`, that runs until the test is over. */
export async function serveTls(
  answer: RequestListener,
  certificate: { readonly dns?: string; readonly forMs?: number } = {},
) {
  const pem = selfSigned({ dns: 'localhost', ...certificate });
  const sockets: TLSSocket[] = [];
  const server = createServer({ ...pem, ALPNProtocols: ['http/1.1'] }, answer);
  server.on('secureConnection', (socket) => sockets.push(socket));
  const port = await listening(server);
  return { port, sockets, url: `https://localhost:${port}`, cert: pem.cert };
}
