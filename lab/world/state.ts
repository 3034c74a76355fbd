import { accessSync, constants, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Static } from 'typebox';
import { createFolders } from '#kit/process/fs-errors.ts';
import { assetFile, isPackage, version } from '#kit/process/installation.ts';
import { parser } from '#kit/schema/parser.ts';
import { Type } from '#kit/schema/type.ts';
import { refusalOf } from '#kit/system-errors.ts';
import { InputError } from '#lab/experiment/errors/input-error.ts';
import { type Final, number, object, text } from '#lab/experiment/schema-helpers.ts';
import { commandLine } from './process/command-line.ts';
import { startOf } from './process/proc.ts';
import type { LocalAddresses } from './testbed.ts';

/**
 * Folder for the state of `up`: `SPILLWAY_STATE`, else `.spillway` in the checkout. The package may be read-only or
 * temporary, so it uses a folder of the user instead.
 */
export const stateFolder = stateFolderOf(process.env);

function stateFolderOf({ SPILLWAY_STATE: own, XDG_STATE_HOME: home }: NodeJS.ProcessEnv): string {
  if (own) return resolve(own);
  if (!isPackage) return assetFile('.spillway');
  return join(home || join(homedir(), '.local/state'), 'spillway');
}

const file = join(stateFolder, 'up.json');

const started = {
  pid: number(),
  /** Start time of the process, in clock ticks since boot. It tells the process from a later one with the same pid. */
  started: text(),
  /** Version of Spillway that started the testbed. */
  spillway: text(),
};

const State = object({
  ...started,
  addresses: object({
    control: object({ downstream: text(), gateway: text(), publisher: text(), consumer: text() }),
    controlToken: Type.Optional(text()),
    traffic: object({ downstream: text(), gateway: text(), publisher: text() }),
    natsUrl: text(),
    natsCredentials: Type.Optional(text()),
    consumerLoginFile: Type.Optional(text()),
    prometheusUrl: Type.Optional(text()),
  }),
});
export type State = Final<Static<typeof State>>;

/** Process of a testbed, whichever version of Spillway started it. */
type Started = Pick<State, 'pid' | 'started' | 'spillway'>;

/** Returns the state of the running testbed, if any. Throws InputError if another version has started it. */
export function readState(): State | undefined {
  const state = readLastState();
  return state && isRunning(state) ? state : undefined;
}

/**
 * Returns the state of the running testbed, or of one that ended without `down`. Throws InputError if another version
 * has started a testbed that runs.
 */
export function readLastState(): State | undefined {
  const last = readStarted();
  if (last && last.spillway !== version && isRunning(last))
    throw new InputError(
      `a testbed of Spillway ${last.spillway} is up (process ${last.pid}), and this is Spillway ${version}: take it down first with ${commandLine(['down'])}, or set SPILLWAY_STATE to another folder`,
    );
  return unlessDamaged(stateOf);
}

/** Returns the process of the testbed that was started last, by any version. */
export const readStarted = (): Started | undefined =>
  unlessDamaged((json) => {
    const { pid, started, spillway } = JSON.parse(json);
    return { pid, started, spillway };
  });

function unlessDamaged<T>(parse: (json: string) => T): T | undefined {
  try {
    return parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Parses the state file. Throws if it is damaged. */
export const stateOf = (json: string): State => parser(State)(JSON.parse(json)) as State;

export const isRunning = ({ pid, started }: Pick<State, 'pid' | 'started'>): boolean =>
  startOf(pid) === started;

/** Folder for the logs of the testbed. */
export const logFolder = join(stateFolder, 'logs');

/** Creates the state folder with that for logs. Throws InputError if the state folder can't be written. */
export function prepareState(): void {
  try {
    createFolders(logFolder);
    accessSync(stateFolder, constants.W_OK);
  } catch (error) {
    throw new InputError(
      `cannot write to ${stateFolder}, the folder for the state of a testbed: ${refusalOf(error)}. Set SPILLWAY_STATE to a writable folder.`,
      { cause: error },
    );
  }
}

export function writeState(addresses: LocalAddresses): void {
  const own = { pid: process.pid, started: startOf(process.pid) ?? '', spillway: version };
  const state = { ...own, addresses };
  // Only this user may read the file, since it has the broker's login.
  writeFileSync(`${file}.part`, JSON.stringify(state), { mode: 0o600 });
  renameSync(`${file}.part`, file);
}

export const clearState = (): void => rmSync(file, { force: true });
