import { AuthorizationError, connect, type NatsConnection } from '@nats-io/transport-node';
import type { Static } from 'typebox';
import { loginOf } from '#kit/broker/login.ts';
import { documented, tagged } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';
import { withoutPasswords } from '#kit/urls.ts';
import { InputError } from '#lab/experiment/errors/input-error.ts';

/** Variable with the login of the agents' NATS server. */
export const credentialsVariable = 'SPILLWAY_AGENTS_CREDENTIALS';

/** Subject on which a lab asks for agents. */
export const discoverySubject = 'spillway.agents';

/** Subject on which an agent takes the requests of labs. */
export const agentSubject = (id: string): string => `${discoverySubject}.${id}`;

/** Subject on which a lab takes the events of an agent. */
export const labSubject = (session: string, id: string): string => `spillway.labs.${session}.${id}`;

/** Time without a request of its lab after which an agent is free again. */
export const leaseMs = 5000;

/** Answer of an agent to a lab that asks for agents. */
export interface Presence {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly host: string;
  /** Lab for which the agent works; missing if it is free. */
  readonly lab?: string;
}

const of = {
  session: Type.String({
    pattern: '^[\\w-]{8,64}$',
    description: 'Id of the command for which a lab needs agents.',
  }),
};

/** Request of a lab to an agent. Answered by `Answer`, unless it is `send`. Each request renews the lease. */
export const AgentRequest = tagged('do', {
  claim: documented('The agent works for this lab alone.', {
    ...of,
    lab: Type.String({ minLength: 1, maxLength: 256, description: 'Description of the lab.' }),
    version: Type.String({ maxLength: 64, description: 'Version of Spillway.' }),
  }),
  renew: documented('Sent every second, since an agent whose lab is silent for 5 s is free again.', of),
  open: documented('Starts a generator.', of),
  send: documented('Passes a command to the generator. Has no answer.', {
    ...of,
    line: Type.String({ maxLength: 1_000_000 }),
  }),
  close: documented('Ends the generator.', of),
  release: documented('Ends the generator, and the work for this lab.', of),
});
export type AgentRequest = Static<typeof AgentRequest>;

/** Times on the agent's monotonic clock, so that each answer compares it with the lab's clock. */
export interface AgentTimes {
  readonly receivedMs: number;
  readonly answeredMs: number;
  readonly clockId?: string | undefined;
}

export type Answer = AgentTimes | { readonly refused: string };

/** Event of an agent. `line` is a report of its generator. `ended` says why the generator or the agent has ended. */
export type AgentEvent = { readonly line: string } | { readonly ended: string };

const connectMs = 5000;

/** Returns the server of a URL, and the login in the URL or else in `credentials`: `user:password`, or a token. */
function placeOf(url: string, credentials = '') {
  const { host, username, password } = new URL(url);
  const inUrl = [username, password].filter(Boolean).map(decodeURIComponent).join(':');
  const given = inUrl || credentials;
  const isToken = given !== '' && !given.includes(':');
  return { server: `nats://${host}`, login: isToken ? { token: given } : loginOf(given) };
}

export interface AgentsServer {
  readonly connection: NatsConnection;
  /** URL without a login. */
  readonly url: string;
}

/**
 * Connects to the NATS server over which labs and agents talk. `persistent` connections return after a restart of the
 * server. Rejects with InputError if there is no server, or if it refuses the login.
 */
export async function connectToServer(
  url: string,
  name: string,
  { persistent }: { readonly persistent: boolean },
): Promise<AgentsServer> {
  const { server, login } = placeOf(url, process.env[credentialsVariable]);
  const connection = await connect({
    servers: server,
    name,
    ...login,
    timeout: connectMs,
    reconnect: persistent,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 200,
    pingInterval: 2000,
    maxPingOut: 2,
    noAsyncTraces: true,
  }).catch((cause) => {
    throw new InputError(reasonOf(server, cause), { cause });
  });
  return { connection, url: server };
}

export const refusedLogin = (server: string): string =>
  `the NATS server of the load agents at ${server} refused the login: set ${credentialsVariable} to user:password or to the token`;

function reasonOf(server: string, cause: Error): string {
  if (cause instanceof AuthorizationError) return refusedLogin(server);
  return `no NATS server for load agents answers at ${server} (${withoutPasswords(cause.message)})`;
}
