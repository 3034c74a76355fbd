import { randomBytes } from 'node:crypto';
import { finishedSubject } from '#kit/wire.ts';

/**
 * Makes the two logins of a testbed's broker. `common` is for the lab, the publisher and the load generator. Only
 * `consumer` may publish completions. `authorization` has both in the syntax of nats-server's configuration.
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

/** Returns 192 random bits as letters, digits, - and _. */
export const makeSecret = (): string => randomBytes(24).toString('base64url');

/** Converts `user:password` to options of the NATS client; to no options if empty. */
export function loginOf(credentials = ''): { user?: string; pass?: string } {
  const [user = '', ...rest] = credentials.split(':');
  return credentials === '' ? {} : { user, pass: rest.join(':') };
}
