import { accessSync, constants, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Static } from 'typebox';
import { refusalOf } from '#kit/process/fs-errors.ts';
import { parser } from '#kit/schema/parser.ts';
import { Type } from '#kit/schema/type.ts';
import { InputError } from '#lab/errors/input-error.ts';
import { type Final, list, number, object, text } from '#lab/result/schema-helpers.ts';
import { startOf } from './process/proc.ts';
import type { LocalAddresses } from './testbed.ts';

/** Folder for the state of `up`: `.spillway` in the checkout, or `SPILLWAY_STATE`. */
export const stateFolder = process.env.SPILLWAY_STATE
  ? resolve(process.env.SPILLWAY_STATE)
  : fileURLToPath(new URL('../../.spillway', import.meta.url));
const file = join(stateFolder, 'up.json');

const State = object({
  pid: number(),
  /** Start time of the process, in clock ticks since boot. It tells the process from a later one with the same pid. */
  started: text(),
  addresses: object({
    control: object({ downstream: text(), gateway: text(), publisher: text(), consumer: text() }),
    controlToken: Type.Optional(text()),
    traffic: object({ downstream: text(), gateway: text(), publisher: text() }),
    natsUrl: text(),
    natsCredentials: Type.Optional(text()),
    consumerLoginFile: Type.Optional(text()),
    prometheusUrl: Type.Optional(text()),
  }),
  /** Problems since the testbed was started, each as a sentence. */
  problems: list(text()),
});
export type State = Final<Static<typeof State>>;

/** Returns the state of the running testbed, if any. */
export function readState(): State | undefined {
  const state = readLastState();
  return state && isRunning(state) ? state : undefined;
}

/** Returns the state of the running testbed, or of one that ended without `down`. */
export function readLastState(): State | undefined {
  try {
    return stateOf(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Parses the state file. Throws if it is damaged. */
export const stateOf = (json: string): State => parser(State)(JSON.parse(json)) as State;

export const isRunning = ({ pid, started }: State): boolean => startOf(pid) === started;

/**
 * Creates the state folder, and returns the folder for logs within it. Throws InputError if the state folder can't be
 * written.
 */
export function prepareState(): string {
  const logFolder = join(stateFolder, 'logs');
  try {
    mkdirSync(logFolder, { recursive: true });
    accessSync(stateFolder, constants.W_OK);
  } catch (error) {
    throw new InputError(
      `cannot write to ${stateFolder}, the folder for the state of a testbed: ${refusalOf(error)}. Set SPILLWAY_STATE to a writable folder.`,
      { cause: error },
    );
  }
  return logFolder;
}

export function writeState(addresses: LocalAddresses, problems: readonly string[]): void {
  const state = { pid: process.pid, started: startOf(process.pid) ?? '', addresses, problems };
  // Only this user may read the file, since it has the broker's login.
  writeFileSync(`${file}.part`, JSON.stringify(state), { mode: 0o600 });
  renameSync(`${file}.part`, file);
}

export const clearState = (): void => rmSync(file, { force: true });
