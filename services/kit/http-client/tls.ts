import { isIP } from 'node:net';
import { connect } from 'node:tls';
import type { Transport } from './connection.ts';

/**
 * Returns the transport for https. It is in a separate file, since only the load generator and the lab need Node's TLS.
 * With `insecure`, any certificate is accepted. Otherwise a socket ends with an error if the certificate is not valid
 * for its host.
 */
export const tlsTransport = ({ insecure }: { readonly insecure: boolean }): Transport => ({
  ready: 'secureConnect',
  connect({ host = 'localhost', ...options }) {
    const socket = connect({
      ...options,
      host,
      // An IP address is not allowed as the name of a server (RFC 6066, section 3).
      ...(isIP(host) === 0 && { servername: host }),
      rejectUnauthorized: !insecure,
      ALPNProtocols: ['http/1.1'],
    });
    // Unlike net.connect, tls.connect ignores the option noDelay.
    return socket.once('connect', () => socket.setNoDelay());
  },
});
