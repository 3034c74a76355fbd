import { accessSync, constants, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Static, Type } from 'typebox';
import { refusalOf } from '#kit/process/fs-errors.ts';
import { completer } from '#kit/schema/schema.ts';
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
  pid: number,
  /** When the process started, in clock ticks since the boot, so that another one with its pid is not mistaken for it. */
  started: text,
  addresses: object({
    control: object({ downstream: text, gateway: text, publisher: text, consumer: text }),
    controlToken: Type.Optional(text),
    traffic: object({ downstream: text, gateway: text, publisher: text }),
    natsUrl: text,
    natsCredentials: Type.Optional(text),
    consumerLoginFile: Type.Optional(text),
    prometheusUrl: Type.Optional(text),
  }),
  /** What has gone wrong with it since it is up, a sentence each. */
  news: list(text),
});
/** A testbed that stays. */
export type State = Final<Static<typeof State>>;

/** The testbed that is up; undefined when there is none. */
export function readState(): State | undefined {
  const state = readLastState();
  return state && isRunning(state) ? state : undefined;
}

/** The testbed that is up, or one that has ended without being taken down. */
export function readLastState(): State | undefined {
  try {
    return stateOf(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** What a file says of a testbed. Throws when it is damaged, or of a version that said something else. */
export const stateOf = (json: string): State => completer(State)(JSON.parse(json)) as State;

/** Whether the process that owns a testbed is still there. */
export const isRunning = ({ pid, started }: State): boolean => startOf(pid) === started;

/** Makes the folder of the state, and the one for logs in it, whose path it returns. Throws InputError where it can't be written. */
export function prepareState(): string {
  const logFolder = join(stateFolder, 'logs');
  try {
    mkdirSync(logFolder, { recursive: true });
    accessSync(stateFolder, constants.W_OK);
  } catch (error) {
    throw new InputError(
      `cannot write to ${stateFolder}, where a testbed is remembered: ${refusalOf(error)}. Set SPILLWAY_STATE to a folder that can be written.`,
      { cause: error },
    );
  }
  return logFolder;
}

export function writeState(addresses: LocalAddresses, news: readonly string[] = []): void {
  const state = { pid: process.pid, started: startOf(process.pid) ?? '', addresses, news };
  // It holds the broker's login.
  writeFileSync(`${file}.part`, JSON.stringify(state), { mode: 0o600 });
  renameSync(`${file}.part`, file);
}

export const clearState = (): void => rmSync(file, { force: true });
