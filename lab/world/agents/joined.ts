import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { createInbox, type NatsConnection, NoRespondersError, RequestError } from '@nats-io/transport-node';
import { type Clock, deadline, sleep, systemClock, type Timer } from '#kit/clock.ts';
import { parseJson } from '#kit/json.ts';
import { version } from '#kit/process/installation.ts';
import type { Ping } from '#lab/evidence/clocks.ts';
import { InputError } from '#lab/experiment/errors/input-error.ts';
import { AgentLost, TestbedError } from '#lab/experiment/errors/testbed-error.ts';
import { duration, plain, plural } from '#lab/experiment/text/format.ts';
import { Agents } from './agents.ts';
import type { Fleet, GeneratorPlace } from './fleet.ts';
import { type Connect, Generator } from './generator.ts';
import {
  type AgentEvent,
  type AgentRequest,
  type AgentsServer,
  type AgentTimes,
  type Answer,
  agentSubject,
  connectToServer,
  discoverySubject,
  labSubject,
  type Presence,
} from './nats.ts';

/** Time in which agents answer a lab that asks for them. */
const discoveryMs = 500;
/** Longest wait for a given number of agents. */
const joinMsMax = 15_000;
const renewEveryMs = 1000;
/** Time for an answer. An agent that ends a generator needs longer than for other requests. */
const answerMs = 5000;
const closeMs = 15_000;

interface JoinedOptions {
  readonly url: string;
  /** Number of agents to wait for. @default all that have joined */
  readonly count?: number | undefined;
  readonly clock?: Clock;
  /** @default 15 s */
  readonly joinMs?: number;
  /** Lets the agents go, and rejects. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Returns the agents that have joined at a NATS server, which now work for this lab alone. Rejects with InputError if
 * there are too few, or if one works for another lab or runs another version.
 */
export async function joinedFleet({
  url,
  count,
  clock = systemClock,
  joinMs = joinMsMax,
  signal,
}: JoinedOptions): Promise<Required<Fleet>> {
  const server = await connectToServer(url, 'lab', { persistent: false });
  try {
    const found = await untilJoined(server, { count, clock, joinMs, signal });
    refuseUnsuited(found, server);
    const session = new Session(server, clock);
    await session.claim(found.slice(0, count));
    if (signal?.aborted) await session.release();
    signal?.throwIfAborted();
    return session;
  } catch (error) {
    await server.connection.close();
    throw error;
  }
}

/** Waits for as many free agents as asked for. Resolves with all agents that answered, in the order of their names. */
async function untilJoined(
  server: AgentsServer,
  { count, clock, joinMs, signal }: Required<Pick<JoinedOptions, 'count' | 'clock' | 'joinMs' | 'signal'>>,
): Promise<Presence[]> {
  const giveUpAtMs = clock.now() + joinMs;
  for (;;) {
    const found = await discover(server.connection, clock);
    signal?.throwIfAborted();
    const free = found.filter(({ lab }) => lab === undefined);
    const isEnough = free.length >= (count ?? 1) && (count !== undefined || free.length === found.length);
    if (isEnough) return count === undefined ? found : free;
    if (count === undefined || clock.now() > giveUpAtMs) throw tooFew(found, server, count, joinMs);
  }
}

/** Asks for agents, and collects their answers. */
export async function discover(connection: NatsConnection, clock: Clock): Promise<Presence[]> {
  const inbox = createInbox();
  const found: Presence[] = [];
  const subscription = connection.subscribe(inbox, {
    callback: (error, message) => {
      const presence = error ? undefined : (parseJson(message.string()) as Presence | undefined);
      if (typeof presence?.name === 'string') found.push(presence); // else there are no responders
    },
  });
  try {
    connection.publish(discoverySubject, '', { reply: inbox });
    await sleep(discoveryMs, clock);
  } finally {
    subscription.unsubscribe();
  }
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Returns the error for too few free agents. It names the busy agents, and the lab for which each works. */
function tooFew(
  found: readonly Presence[],
  { url }: AgentsServer,
  count: number | undefined,
  joinMs: number,
): InputError {
  const busy = found.flatMap(({ name, lab }) => (lab === undefined ? [] : [`${name} works for the ${lab}`]));
  const free = found.length - busy.length;
  const others = busy.length > 0 ? `: ${busy.join('; ')}` : '';
  if (count !== undefined)
    return new InputError(
      plain(`${free} of ${plural(count, 'load agent')} joined at ${url} within ${duration(joinMs)}${others}`),
    );
  if (busy.length > 0) return new InputError(`the load agents at ${url} are busy${others}`);
  return new InputError(`no load agent has joined at ${url}: start one with \`spillway agent --at ${url}\``);
}

/** Throws InputError for an agent with another version, and for two agents with the same name. */
function refuseUnsuited(found: readonly Presence[], { url }: AgentsServer): void {
  const names = found.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined)
    throw new InputError(`two load agents at ${url} are named ${twice}: give each its own --name`);
  const other = found.find((presence) => presence.version !== version);
  if (other)
    throw new InputError(
      `the load agent ${other.name} at ${url} runs Spillway ${other.version}, and this lab ${version}: install the same version`,
    );
}

/** Agent that works for this lab. */
interface Claimed extends Pick<Presence, 'id' | 'name'> {
  readonly lost: PromiseWithResolvers<never>;
  /** Rejects when the agent is lost, or has ended its generator. */
  generatorLost: Promise<never>;
  /** Receives the agent's events. */
  onEvent: (event: AgentEvent) => void;
}

/** Work of agents for this lab, from the first to the last run of a command. */
class Session implements Fleet {
  readonly #id = randomUUID();
  readonly #server: AgentsServer;
  readonly #clock: Clock;
  #agents: Claimed[] = [];
  #renewal: Timer;
  #isReleased = false;

  constructor(server: AgentsServer, clock: Clock) {
    this.#server = server;
    this.#clock = clock;
  }

  get names(): readonly string[] {
    return this.#agents.map(({ name }) => name);
  }

  /** Makes agents work for this lab. Rejects with InputError if one of them refuses. */
  async claim(found: readonly Presence[]): Promise<void> {
    const { connection } = this.#server;
    const lab = `lab on ${hostname()} (process ${process.pid})`;
    for (const presence of found) {
      const lost = Promise.withResolvers<never>();
      lost.promise.catch(() => undefined);
      const agent: Claimed = { ...presence, lost, generatorLost: lost.promise, onEvent: () => undefined };
      connection.subscribe(labSubject(this.#id, agent.id), {
        callback: (error, message) => {
          const event = error ? undefined : (parseJson(message.string()) as AgentEvent | undefined);
          if (event) agent.onEvent(event);
        },
      });
      this.#agents.push(agent);
    }
    const claims = this.#agents.map((agent) =>
      this.#ask(agent, { do: 'claim', session: this.#id, lab, version }),
    );
    await Promise.all(claims).catch(async ({ message }) => {
      await this.release();
      throw new InputError(message);
    });
    this.#renew();
  }

  /** Starts a generator on each agent. Rejects with AgentLost, or if this server is also the broker under test. */
  async open({ brokerId }: Pick<GeneratorPlace, 'brokerId'>): Promise<Agents> {
    const { connection, url } = this.#server;
    if (brokerId !== undefined && brokerId === connection.info?.server_id)
      throw new TestbedError(
        'agents-at-broker',
        `the NATS server of the load agents at ${url} is the broker under test: use another server for the agents`,
      );
    await Promise.all(this.#agents.map((agent) => this.#ask(agent, { do: 'open', session: this.#id })));
    return new Agents(
      this.#agents.map((agent) => ({
        name: agent.name,
        generator: new Generator(this.#connectTo(agent), { agent: agent.name }),
        ping: () => this.#ping(agent),
      })),
    );
  }

  async release(): Promise<void> {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#clock.cancel(this.#renewal);
    const releases = this.#agents.map((agent) =>
      this.#ask(agent, { do: 'release', session: this.#id }, closeMs),
    );
    await Promise.allSettled(releases);
    await this.#server.connection.close();
  }

  /** Returns a function that connects to the generator of an agent. */
  #connectTo(agent: Claimed): Connect {
    return (onLine) => {
      const ended = Promise.withResolvers<never>();
      agent.onEvent = (event) => {
        if ('line' in event) onLine(event.line);
        else
          ended.reject(new AgentLost(`the load agent ${agent.name} stopped during the run: ${event.ended}`));
      };
      const lost = Promise.race([ended.promise, agent.lost.promise]);
      agent.generatorLost = lost;
      return {
        lost,
        send: (line) => this.#publish(agent, { do: 'send', session: this.#id, line }),
        stop: async () => {
          agent.onEvent = () => undefined;
          const closing = this.#ask(agent, { do: 'close', session: this.#id }, closeMs);
          await closing.catch(() => undefined); // the lease frees an agent that does not answer
          ended.reject(new AgentLost(`the load agent ${agent.name} was stopped`));
        },
      };
    };
  }

  /** Keeps the leases of all agents, and finds out if one or the server is gone. */
  #renew(): void {
    this.#renewal = this.#clock.after(renewEveryMs, () => {
      for (const agent of this.#agents)
        this.#ask(agent, { do: 'renew', session: this.#id }).catch((error) => agent.lost.reject(error));
      this.#renew();
    });
  }

  /** Compares the clock of an agent with the lab's clock. Rejects with the agent's own reason if it has left. */
  async #ping(agent: Claimed): Promise<Ping> {
    const sentAtMs = this.#clock.now();
    const renewing = this.#ask(agent, { do: 'renew', session: this.#id });
    const times = await Promise.race([renewing, agent.generatorLost]);
    const returnedAtMs = this.#clock.now();
    const { receivedMs, answeredMs, clockId } = times;
    return { sentAtMs, receivedAtMs: receivedMs, answeredAtMs: answeredMs, returnedAtMs, clockId };
  }

  #publish(agent: Claimed, request: AgentRequest): void {
    if (!this.#server.connection.isClosed())
      this.#server.connection.publish(agentSubject(agent.id), JSON.stringify(request));
  }

  /** Sends a request, and resolves with the answer when the agent has carried it out. Rejects with AgentLost. */
  async #ask(agent: Claimed, request: AgentRequest, timeoutMs = answerMs): Promise<AgentTimes> {
    const { connection, url } = this.#server;
    const asked = connection.request(agentSubject(agent.id), JSON.stringify(request), { timeout: timeoutMs });
    const message = await Promise.race([asked, agent.lost.promise]).catch(async (cause) => {
      if (cause instanceof AgentLost) throw cause;
      if (connection.isClosed()) throw this.#serverGone();
      if (isAbsent(cause)) throw new AgentLost(`the load agent ${agent.name} is gone from ${url}`, { cause });
      await deadline(connection.flush(), discoveryMs, this.#clock).catch(() => {
        throw this.#serverGone();
      });
      throw new AgentLost(
        `the load agent ${agent.name} did not answer within ${plain(duration(timeoutMs))}`,
        {
          cause,
        },
      );
    });
    const answer = parseJson(message.string()) as Answer;
    if ('refused' in answer) throw new AgentLost(`the load agent ${agent.name} refused: ${answer.refused}`);
    return answer;
  }

  #serverGone(): AgentLost {
    return new AgentLost(
      `the NATS server of the load agents at ${this.#server.url} is gone, and with it ${this.names.join(', ')}`,
    );
  }
}

/** True if no process takes the requests to an agent. */
const isAbsent = (error: unknown): boolean =>
  error instanceof NoRespondersError || (error instanceof RequestError && error.isNoResponders());
