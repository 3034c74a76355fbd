import { createHook } from 'node:async_hooks';

/** Types of async resources whose events come in real time, by what a client did to get them. */
const escapes: Readonly<Record<string, readonly string[]>> = {
  'opened a socket': [
    ...['TCPWRAP', 'TCPSERVERWRAP', 'TCPCONNECTWRAP', 'TLSWRAP', 'UDPWRAP', 'UDPSENDWRAP'],
    ...[
      'PIPEWRAP',
      'PIPESERVERWRAP',
      'PIPECONNECTWRAP',
      'HTTPCLIENTREQUEST',
      'HTTP2SESSION',
      'QUIC_ENDPOINT',
    ],
  ],
  'looked up a name': ['GETADDRINFOREQWRAP', 'GETNAMEINFOREQWRAP', 'QUERYWRAP'],
  'used a file': [
    ...['FSREQCALLBACK', 'FSREQPROMISE', 'FILEHANDLE', 'FILEHANDLECLOSEREQ', 'FSEVENTWRAP', 'STATWATCHER'],
    ...['DIRHANDLE', 'BLOBREADER'],
  ],
  'started a process': ['PROCESSWRAP'],
  'started a thread': ['WORKER'],
  'opened a message channel': ['MESSAGEPORT'],
  'compressed in another thread': ['ZLIB'],
  'computed in another thread': [
    ...['PBKDF2REQUEST', 'SCRYPTREQUEST', 'ARGON2REQUEST', 'RANDOMBYTESREQUEST', 'RANDOMPRIMEREQUEST'],
    ...['CHECKPRIMEREQUEST', 'HASHREQUEST', 'SIGNREQUEST', 'CIPHERREQUEST', 'DERIVEBITSREQUEST'],
    ...['KEYGENREQUEST', 'KEYPAIRGENREQUEST', 'KEYEXPORTREQUEST'],
  ],
  'listened to a signal': ['SIGNALWRAP'],
};

const actions = new Map(
  Object.entries(escapes).flatMap(([action, types]) => types.map((type) => [type, action] as const)),
);

/** Calls `found` when code in this thread does what virtual time can't cover. It misses synchronous use of files. */
export function watchEscapes(found: (action: string, type: string) => void): void {
  const init = (_id: number, type: string) => {
    const action = actions.get(type);
    if (action) found(action, type);
  };
  createHook({ init, trackPromises: false } as Parameters<typeof createHook>[0]).enable();
}
