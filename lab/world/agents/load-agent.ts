import { hostname } from 'node:os';
import type { Msg, NatsConnection } from '@nats-io/transport-node';
import { type Clock, systemClock, type Timer } from '#kit/clock.ts';
import { parseJson } from '#kit/json.ts';
import { clockId } from '#kit/process/clock-id.ts';
import { version } from '#kit/process/installation.ts';
import { parser } from '#kit/schema/parser.ts';
import type { Connect, Link } from './generator.ts';
import {
  type AgentEvent,
  AgentRequest,
  type Answer,
  agentSubject,
  discoverySubject,
  labSubject,
  leaseMs,
  type Presence,
} from './nats.ts';

interface AgentParts {
  readonly id: string;
  readonly name: string;
  readonly connection: Pick<NatsConnection, 'subscribe' | 'publish'>;
  /** Starts a generator. */
  readonly connect: Connect;
  /** Receives what the agent does, for its user. */
  readonly say: (line: string) => void;
  readonly clock?: Clock;
  /** @default the installed version */
  readonly version?: string;
}

/** Work for a lab. */
interface Session {
  readonly id: string;
  readonly lab: string;
  lease: Timer;
  generator: Link | undefined;
}

const parse = parser(AgentRequest);

/** Load agent that has joined over NATS. It works for one lab at a time: passes lines between it and a generator. */
export class LoadAgent {
  readonly #parts: Required<AgentParts>;
  #session: Session | undefined;
  #ending: Promise<unknown> = Promise.resolve();

  constructor(parts: AgentParts) {
    this.#parts = { clock: systemClock, version, ...parts };
    const { connection, id } = this.#parts;
    const listen = (subject: string, take: (message: Msg) => void) =>
      void connection.subscribe(subject, {
        callback(error, message) {
          if (!error) take(message);
        },
      });
    listen(discoverySubject, (message) => this.#introduce(message));
    listen(agentSubject(id), (message) => void this.#take(message));
  }

  /** Ends the work for the lab, if any, and tells the lab why. Resolves when the generator has ended. */
  async end(reason: string): Promise<void> {
    const session = this.#session;
    if (session) this.#publish(session, { ended: reason });
    await this.#free();
  }

  #introduce(message: Msg): void {
    const { id, name, version } = this.#parts;
    const lab = this.#session?.lab;
    const presence: Presence = { id, name, version, host: hostname(), ...(lab && { lab }) };
    message.respond(JSON.stringify(presence));
  }

  async #take(message: Msg): Promise<void> {
    const receivedMs = this.#parts.clock.now();
    const refused = await this.#refused(message.string());
    const times = { receivedMs, answeredMs: this.#parts.clock.now(), clockId };
    const answer: Answer = refused === undefined ? times : { refused };
    message.respond(JSON.stringify(answer));
  }

  /** Carries out a request. Resolves with the reason if it is refused. */
  async #refused(text: string): Promise<string | undefined> {
    try {
      const request = parse(parseJson(text));
      const refused = request.do === 'claim' ? this.#claim(request) : this.#refuseOther(request);
      if (refused !== undefined) return refused;
      this.#renew();
      await this.#carryOut(request);
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  }

  #claim({ session, lab, version }: Extract<AgentRequest, { do: 'claim' }>): string | undefined {
    const own = this.#parts.version;
    if (version !== own) return `it runs Spillway ${own}, and this lab ${version}`;
    if (this.#session && this.#session.id !== session) return `it works for the ${this.#session.lab}`;
    this.#session ??= { id: session, lab, lease: undefined, generator: undefined };
    this.#parts.say(`works for the ${lab}`);
    return undefined;
  }

  #refuseOther({ session }: AgentRequest): string | undefined {
    return session === this.#session?.id ? undefined : 'it no longer works for this lab';
  }

  #renew(): void {
    const { clock, say } = this.#parts;
    const session = this.#session!;
    clock.cancel(session.lease);
    session.lease = clock.after(leaseMs, () => {
      say(`has received nothing from the ${session.lab} for ${leaseMs / 1000} s, and stops its work`);
      void this.#free();
    });
  }

  async #carryOut(request: AgentRequest): Promise<void> {
    const session = this.#session!;
    if (request.do === 'open') await this.#open(session);
    if (request.do === 'send') session.generator?.send(withoutFile(request.line));
    if (request.do === 'close') await this.#close(session);
    if (request.do === 'release') await this.#free();
  }

  async #open(session: Session): Promise<void> {
    await this.#close(session);
    const generator = this.#parts.connect((line) => {
      if (session.generator === generator) this.#publish(session, { line });
    });
    session.generator = generator;
    generator.lost.catch(({ message }) => {
      if (session.generator === generator) this.#publish(session, { ended: message });
    });
  }

  async #close(session: Session): Promise<void> {
    const { generator } = session;
    session.generator = undefined;
    await generator?.stop();
  }

  /** Ends the generator and the work for the lab. */
  async #free(): Promise<void> {
    const session = this.#session;
    if (session) {
      this.#session = undefined;
      this.#parts.clock.cancel(session.lease);
      this.#ending = this.#close(session).then(() => this.#parts.say('is free'));
    }
    await this.#ending;
  }

  #publish({ id }: Session, event: AgentEvent): void {
    this.#parts.connection.publish(labSubject(id, this.#parts.id), JSON.stringify(event));
  }
}

/** Removes the file of the record from a command, since a lab must not write files on an agent's machine. */
function withoutFile(line: string): string {
  const { recordFile: _, ...command } = (parseJson(line) ?? {}) as { recordFile?: unknown };
  return JSON.stringify(command);
}
