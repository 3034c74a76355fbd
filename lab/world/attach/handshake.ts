import { once } from 'node:events';
import { type Clock, deadline, systemClock } from '#kit/clock.ts';
import { isCertificateError, tlsTransport } from '#kit/http-client/tls.ts';
import { addressOf } from '#kit/urls.ts';
import { TestbedError } from '#lab/experiment/errors/testbed-error.ts';

const handshakeMsMax = 5000;

interface Options {
  /** True if any certificate is accepted. */
  readonly insecure: boolean;
  readonly signal: AbortSignal;
  readonly clock?: Clock;
}

/**
 * Connects to a service over TLS, so that a wrong certificate is found before the run. Does nothing for `http:`. Rejects
 * with TestbedError, or with the signal's reason if the signal aborts.
 */
export async function untilTrusted(
  name: string,
  url: string,
  { insecure, signal, clock = systemClock }: Options,
): Promise<void> {
  if (!url.startsWith('https:')) return;
  const { connect, ready } = tlsTransport({ insecure });
  const socket = connect(addressOf(url));
  try {
    await deadline(once(socket, ready, { signal }), handshakeMsMax, clock);
  } catch (error) {
    signal.throwIfAborted();
    throw refusal(name, url, error as NodeJS.ErrnoException);
  } finally {
    socket.on('error', () => undefined).destroy();
  }
}

/** Removes Node's hint, which some errors have, and which differs from the one here. */
const withoutHint = (message: string): string => message.replace(/; if the root CA is installed.*$/, '');

function refusal(name: string, url: string, cause: NodeJS.ErrnoException): TestbedError {
  const { message, code = '' } = cause;
  if (isCertificateError(cause))
    return new TestbedError(
      `${name}-certificate`,
      `${name} at ${url} has no valid certificate (${withoutHint(message)}): set NODE_EXTRA_CA_CERTS to a file with the certificate of its authority, or, only for a test, insecure: true in the experiment's request`,
    );
  const isOtherProtocol = code === 'EPROTO' || code.startsWith('ERR_SSL_');
  const reason = isOtherProtocol ? 'it answered with another protocol or version' : message;
  return new TestbedError(
    `${name}-tls`,
    `${name} at ${url} does not accept TLS (${reason}): is it http:// and not https://?`,
  );
}
