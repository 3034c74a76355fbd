import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Command } from '@commander-js/extra-typings';
import { deadline, systemClock } from '#kit/clock.ts';
import { exitCodes } from '#lab/experiment/errors/exit-codes.ts';
import { InputError } from '#lab/experiment/errors/input-error.ts';
import { TestbedError } from '#lab/experiment/errors/testbed-error.ts';
import { processOf } from '#lab/world/agents/generator.ts';
import { discover } from '#lab/world/agents/joined.ts';
import { LoadAgent } from '#lab/world/agents/load-agent.ts';
import { type AgentsServer, connectToServer, refusedLogin } from '#lab/world/agents/nats.ts';
import { nodeArguments } from '#lab/world/process/bundle.ts';
import { commandLine } from '#lab/world/process/command-line.ts';
import { Guard } from '#lab/world/process/guard.ts';
import { temporaryFolder } from '#lab/world/process/temporary-folder.ts';
import { agentNameOf, agentsUrlOf, eachGiven } from './args.ts';
import { interruptSignal } from './interrupt.ts';
import { exit } from './options.ts';
import { lineTo } from './progress.ts';

export function addAgent(program: Command): void {
  program
    .command('agent')
    .description('join as a load agent: send a share of the requests of `run --agents-at`, until interrupted')
    .requiredOption(
      '--at <url>',
      'NATS server over which labs find agents; not the broker under test',
      agentsUrlOf,
    )
    .option('--name <name>', 'name in messages and reports (default: host name and process id)', agentNameOf)
    .option(
      '--env <variable>',
      'environment variable that requests of an experiment may contain, as in {env:NAME}; repeatable',
      eachGiven,
    )
    .addHelpText(
      'after',
      `
The login of the server is in the URL, as in nats://user:password@host:4222, or in SPILLWAY_AGENTS_CREDENTIALS as
user:password or as a token. Agents and lab need the same version of Spillway.

Example:
  ${commandLine(['agent', '--at', 'nats://10.0.0.5:4222', '--name', 'left'])}`,
    )
    .action((options) => exit(agentCommand(options)));
}

interface AgentOptions {
  readonly at: string;
  readonly name?: string | undefined;
  readonly env?: readonly string[] | undefined;
}

/**
 * Joins as a load agent, and works for labs until it is interrupted. Returns the exit code. Rejects with InputError if
 * the server can't be reached, or has an agent of this name.
 */
async function agentCommand({ at, name = ownName, env = [] }: AgentOptions): Promise<number> {
  const variables = valuesOf(env);
  nodeArguments('generator'); // builds a missing bundle now, since a lab would not wait so long
  const say = (line: string) => lineTo(process.stderr)(`${name} ${line}`);
  const signal = interruptSignal();
  const server = await connectToServer(at, `agent ${name}`, { persistent: true });
  const { connection, url } = server;
  const guard = new Guard();
  try {
    await refuseTaken(name, server);
    const folder = temporaryFolder('spillway-agent-');
    guard.folder(folder);
    const place = { logFile: join(folder, 'generator.log'), guard, agent: name, env: variables };
    const agent = new LoadAgent({ id: randomUUID(), name, connection, connect: processOf(place), say });
    say(`has joined at ${url}, and waits for labs. Ctrl-C leaves.`);
    await Promise.race([interruption(signal), watch(server, agent, say)]);
    await agent.end('it left');
    say('has left');
    return exitCodes.held;
  } finally {
    await deadline(connection.drain(), leaveMs, systemClock).catch(() => connection.close());
    await guard.release();
  }
}

async function refuseTaken(name: string, { connection, url }: AgentsServer): Promise<void> {
  const present = await discover(connection, systemClock);
  if (present.some((presence) => presence.name === name))
    throw new InputError(`a load agent named ${name} has joined at ${url} already: choose another --name`);
}

/** Resolves when the signal aborts. */
const interruption = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

const leaveMs = 2000;
const ownName = `${hostname()}-${process.pid}`;

/** Returns the values of variables. Throws InputError for a missing variable. */
function valuesOf(names: readonly string[]): Record<string, string> {
  const missing = names.filter((name) => process.env[name] === undefined);
  if (missing.length > 0) throw new InputError(`--env: missing variable ${missing.join(', ')}`);
  return Object.fromEntries(names.map((name) => [name, process.env[name]!]));
}

/** Frees the agent when the server is gone. Rejects if the server refuses to take the agent back. */
async function watch(
  { connection, url }: AgentsServer,
  agent: LoadAgent,
  say: (line: string) => void,
): Promise<never> {
  for await (const { type } of connection.status()) {
    if (type === 'disconnect') {
      say(`has lost the server at ${url}, and waits for it`);
      void agent.end('it lost the server');
    }
    if (type === 'reconnect') say(`has joined again at ${url}`);
  }
  const error = await connection.closed();
  throw new TestbedError(
    'agents-server',
    error ? refusedLogin(url) : `the server at ${url} closed the connection`,
  );
}
