import { accessSync, constants, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { createFolders } from '#kit/process/fs-errors.ts';
import { assetFile, isPackage, version } from '#kit/process/installation.ts';
import { refusalOf } from '#kit/system-errors.ts';
import { InputError } from '#lab/kit/errors/input-error.ts';
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

/** Testbed that `up` started. */
export interface State {
  readonly pid: number;
  /** Start time of the process, in clock ticks since boot. It tells the process from a later one with the same pid. */
  readonly started: string;
  /** Version of Spillway that started the testbed. Another version may write addresses in another form. */
  readonly spillway: string;
  readonly addresses: LocalAddresses;
}

/** Returns the state of the running testbed, if any. Throws InputError if another version has started it. */
export function readState(): State | undefined {
  const last = readLastState();
  if (!last || !isRunning(last)) return undefined;
  if (last.spillway === version) return last;
  throw new InputError(
    `a testbed of Spillway ${last.spillway} is up (process ${last.pid}), and this is Spillway ${version}: take it down first with ${commandLine(['down'])}, or set SPILLWAY_STATE to another folder`,
  );
}

/** Returns the state of the running testbed, or of one that ended without `down`, started by any version. */
export function readLastState(): State | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

export const isRunning = ({ pid, started }: State): boolean => startOf(pid) === started;

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
  const started = startOf(process.pid) ?? '';
  const state: State = { pid: process.pid, started, spillway: version, addresses };
  // Only this user may read the file, since it has the broker's login.
  writeFileSync(`${file}.part`, JSON.stringify(state), { mode: 0o600 });
  renameSync(`${file}.part`, file);
}

export const clearState = (): void => rmSync(file, { force: true });
