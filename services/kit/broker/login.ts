import { randomBytes } from 'node:crypto';
import { finishedSubject } from '#kit/wire.ts';

/**
 * Makes the logins of a testbed's broker: that of the lab, the publisher and the load, that of the consumer, and both in
 * the syntax of nats-server's configuration. Only the consumer may publish completions.
 */
export function makeLogins() {
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
