import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { aborted, sleep, systemClock } from '#kit/clock.ts';
import { exitCodes } from '#lab/kit/errors/exit-codes.ts';
import { startLocal } from './local/local.ts';
import { portsFrom } from './ports.ts';
import { commandLine } from './process/command-line.ts';
import { labProgram } from './process/programs.ts';
import {
  clearState,
  isRunning,
  logFolder,
  prepareState,
  readLastState,
  readState,
  type State,
  stateFolder,
  writeState,
} from './state.ts';
import type { LocalAddresses } from './testbed.ts';

interface UpOptions {
  readonly foreground?: true | undefined;
  readonly portBase?: number | undefined;
}

type Outputs = Pick<NodeJS.Process, 'stdout' | 'stderr'>;

/**
 * Starts a testbed that runs until `down`. In the foreground, it runs until it is interrupted. Returns the exit code.
 */
export async function up(
  { foreground, portBase }: UpOptions,
  interrupted: () => AbortSignal,
  outputs: Outputs,
): Promise<number> {
  const running = readState();
  if (running) {
    outputs.stdout.write(`A testbed is already up (process ${running.pid}):\n${describe(running.addresses)}`);
    return exitCodes.held;
  }
  outputs.stderr.write(endOf(readLastState()));
  prepareState();
  clearState();
  const start = foreground ? stay : startInBackground;
  return start(portBase, interrupted(), outputs);
}

/** Stops the testbed that `up` started and waits until it is gone. Returns the exit code. */
export async function down({ stdout }: Pick<Outputs, 'stdout'>): Promise<number> {
  const testbed = readLastState();
  if (!testbed || !isRunning(testbed)) {
    stdout.write(`${endOf(testbed)}No testbed is up.\n`);
    clearState();
    return exitCodes.held;
  }
  process.kill(testbed.pid, 'SIGTERM');
  while (isRunning(testbed)) await sleep(50, systemClock);
  stdout.write('The testbed is down.\n');
  return exitCodes.held;
}

/** Explains why the last testbed ended without `down`. Empty if there was no testbed. */
const endOf = (state: State | undefined): string =>
  state
    ? `The last testbed ended without \`down\`: its process ${state.pid} no longer runs. See the logs in ${logFolder}\n`
    : '';

/** Starts `spillway up --foreground` as a process, which reports that the testbed is up. */
async function startInBackground(
  portBase: number | undefined,
  signal: AbortSignal,
  outputs: Outputs,
): Promise<number> {
  const logFile = join(logFolder, 'up.log');
  const log = openSync(logFile, 'w');
  const ports = portBase === undefined ? [] : ['--port-base', String(portBase)];
  const child = spawn(process.execPath, [labProgram('lab'), 'up', '--foreground', ...ports], {
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
  });
  signal.addEventListener('abort', () => child.kill('SIGTERM'), { once: true });
  const ended = once(child, 'exit');
  const isUp = await Promise.race([once(child, 'message').then(() => true), ended.then(() => false)]);
  if (signal.aborted) {
    await ended;
    return exitCodes.interrupted;
  }
  const said = readFileSync(logFile, 'utf8');
  if (isUp) {
    child.unref();
    outputs.stdout.write(`${said}Stop it with: ${commandLine(['down'])}\n`);
    return exitCodes.held;
  }
  outputs.stderr.write(
    said || `The testbed did not start and gave no reason; its logs are in ${logFolder}\n`,
  );
  return exitCodes.internal;
}

/**
 * Runs a testbed until the command is interrupted. Rejects if the testbed doesn't start, or if one of its processes
 * dies.
 */
async function stay(portBase: number | undefined, signal: AbortSignal, outputs: Outputs): Promise<number> {
  let testbed: Awaited<ReturnType<typeof startLocal>> | undefined;
  try {
    const ports = portsFrom(portBase);
    testbed = await startLocal({ logFolder, ports, signal, loginFolder: stateFolder });
    writeState(addressesOf(testbed));
    outputs.stdout.write(`The testbed is up:\n${describe(testbed)}`);
    process.send?.('up', () => process.connected && process.disconnect());
    await Promise.race([testbed.died, aborted(signal)]);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    await testbed?.stop();
    // If the testbed died, its state stays, since the next `up` or `down` reports it.
    if (testbed && signal.aborted) clearState();
  }
  return exitCodes.interrupted;
}

function addressesOf(testbed: LocalAddresses): LocalAddresses {
  const { control, traffic, natsUrl, natsCredentials, consumerLoginFile } = testbed;
  return { control, traffic, natsUrl, natsCredentials, consumerLoginFile };
}

function describe(addresses: LocalAddresses): string {
  const { control, traffic, natsUrl, consumerLoginFile } = addresses;
  const urls = {
    'gateway POST /rpc': `${traffic.gateway}/rpc`,
    'publisher POST /events': `${traffic.publisher}/events`,
    'downstream POST /work': `${traffic.downstream}/work`,
    broker: natsUrl,
    ...(consumerLoginFile && { 'login of a consumer': consumerLoginFile }),
    ...Object.fromEntries(Object.entries(control).map(([name, url]) => [`${name} control`, url])),
  };
  const lines = Object.entries(urls).map(([name, url]) => `  ${name.padEnd(24)}${url}\n`);
  return lines.join('');
}
