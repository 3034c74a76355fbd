import { createHook } from 'node:async_hooks';

/** Actions of a client that take real time, by the types of the async resources that they create. */
const escapes: readonly (readonly [RegExp, string])[] = [
  [/^((TCP|PIPE)(SERVER|CONNECT)?|TLS|UDP(SEND)?)WRAP$/, 'opened a socket'],
  [/^HTTPCLIENTREQUEST$|^HTTP2SESSION$|^QUIC_ENDPOINT$/, 'opened a socket'],
  [/^(GETADDRINFO|GETNAMEINFO)REQWRAP$|^QUERYWRAP$/, 'looked up a name'],
  [/^FS(REQ(CALLBACK|PROMISE)|EVENTWRAP)$|^FILEHANDLE|^STATWATCHER$|^DIRHANDLE$|^BLOBREADER$/, 'used a file'],
  [/^PROCESSWRAP$/, 'started a process'],
  [/^WORKER$/, 'started a thread'],
  [/^MESSAGEPORT$/, 'opened a message channel'],
  [/^ZLIB$/, 'compressed in another thread'],
  [/^(PBKDF2|SCRYPT|ARGON2|HASH|SIGN|CIPHER|DERIVEBITS)REQUEST$/, 'computed in another thread'],
  [/^(RANDOM(BYTES|PRIME)|CHECKPRIME|KEY(GEN|PAIRGEN|EXPORT))REQUEST$/, 'computed in another thread'],
  [/^SIGNALWRAP$/, 'listened to a signal'],
];

/** Calls `found` when code in this thread does what virtual time can't cover. It misses synchronous use of files. */
export function watchEscapes(found: (action: string, type: string) => void): void {
  const actions = new Map<string, string | undefined>();
  const init = (_id: number, type: string) => {
    if (!actions.has(type)) actions.set(type, escapes.find(([types]) => types.test(type))?.[1]);
    const action = actions.get(type);
    if (action) found(action, type);
  };
  createHook({ init, trackPromises: false } as Parameters<typeof createHook>[0]).enable();
}
