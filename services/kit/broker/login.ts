import { randomBytes } from 'node:crypto';
import { finishedSubject } from '#kit/wire.ts';

/** Logins of a testbed's broker. Only the consumer may publish completions. */
export interface Logins {
  /** Login of the lab, the publisher and the load, as `user:password`. */
  readonly common: string;
  /** Login of the consumer, Spillway's or the user's own. */
  readonly consumer: string;
  /** Both logins in the syntax of nats-server's configuration. */
  readonly authorization: string;
}

export function makeLogins(): Logins {
  const common = makeSecret();
  const consumer = makeSecret();
  const permissions = `permissions: { publish: { deny: ["${finishedSubject}"] } }`;
  return {
    common: `spillway:${common}`,
    consumer: `consumer:${consumer}`,
    authorization: `authorization { users: [
  { user: spillway, password: "${common}", ${permissions} }
  { user: consumer, password: "${consumer}" }
] }`,
  };
}

/** 192 random bits in letters, digits, - and _. */
export const makeSecret = (): string => randomBytes(24).toString('base64url');

/** Returns the client's options for credentials written as `user:password`; none without credentials. */
export function loginOf(credentials = ''): { user?: string; pass?: string } {
  const [user = '', ...rest] = credentials.split(':');
  return credentials === '' ? {} : { user, pass: rest.join(':') };
}
