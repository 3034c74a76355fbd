import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sleep, systemClock } from '#kit/clock.ts';
import { startLocal } from '#lab/engine/local.ts';
import type { LocalAddresses } from '#lab/engine/testbed.ts';
import { exitCodes } from '#lab/exit-codes.ts';
import { interruptSignal } from '#lab/interrupt.ts';
import { fixedPorts } from '#lab/process/ports.ts';
import { clearState, readState, stateFolder, writeState } from '#lab/state.ts';

const logFolder = join(stateFolder, 'logs');
const main = fileURLToPath(new URL('../main.ts', import.meta.url));

/** Starts a testbed that stays until `down`, or until interrupted in the foreground. Returns the exit code. */
export async function upCommand({ foreground = false }: { foreground?: boolean }): Promise<number> {
  const already = readState();
  if (already) {
    process.stdout.write(`A testbed is up already (process ${already.pid}):\n${describe(already.addresses)}`);
    return exitCodes.held;
  }
  mkdirSync(logFolder, { recursive: true });
  return foreground ? stay() : startInBackground();
}

async function stay(): Promise<number> {
  const signal = interruptSignal(exitCodes.interrupted);
  const testbed = await startLocal({ logFolder, ports: fixedPorts });
  try {
    const { control, traffic, natsUrl, prometheusUrl } = testbed;
    const addresses = { control, traffic, natsUrl, prometheusUrl };
    writeState(addresses);
    process.stdout.write(`The testbed is up:\n${describe(addresses)}`);
    await Promise.race([signal.aborted || once(signal, 'abort'), testbed.died]);
  } finally {
    await testbed.stop();
    clearState();
  }
  return exitCodes.held;
}

/** The process that owns the testbed is a `spillway up --foreground` of its own. */
async function startInBackground(): Promise<number> {
  const log = openSync(join(logFolder, 'up.log'), 'w');
  const child = spawn(process.execPath, [main, 'up', '--foreground'], {
    detached: true,
    stdio: ['ignore', log, log],
  });
  const ended = once(child, 'exit').then(() => 'ended' as const);
  for (;;) {
    const state = readState();
    if (state) {
      child.unref();
      process.stdout.write(`The testbed is up:\n${describe(state.addresses)}Stop it with: spillway down\n`);
      return exitCodes.held;
    }
    if ((await Promise.race([ended, sleep(50, systemClock)])) === 'ended') break;
  }
  process.stderr.write(readFileSync(join(logFolder, 'up.log')));
  process.stderr.write(`The testbed did not start; its logs are in ${logFolder}\n`);
  return exitCodes.internal;
}

function describe({ control, traffic, natsUrl, prometheusUrl }: LocalAddresses): string {
  const urls = {
    'gateway POST /rpc': `${traffic.gateway}/rpc`,
    'publisher POST /events': `${traffic.publisher}/events`,
    'downstream POST /work': `${traffic.downstream}/work`,
    broker: natsUrl,
    ...Object.fromEntries(Object.entries(control).map(([name, url]) => [`${name} control`, url])),
    ...(prometheusUrl && { prometheus: prometheusUrl }),
  };
  return Object.entries(urls)
    .map(([name, url]) => `  ${name.padEnd(24)}${url}\n`)
    .join('');
}
