import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LocalAddresses } from './engine/testbed.ts';
import { startOf } from './process/proc.ts';

/** Where `up` remembers what it started. */
export const stateFolder = fileURLToPath(new URL('../.spillway/', import.meta.url));
const file = `${stateFolder}up.json`;

/** A testbed that stays. */
export interface State {
  readonly pid: number;
  /** When the process started, in clock ticks since the boot, so that another one with its pid is not mistaken for it. */
  readonly started: string;
  readonly addresses: LocalAddresses;
  /** What has gone wrong with it since it is up, a sentence each. */
  readonly news: readonly string[];
}

/** The testbed that is up; undefined when there is none. */
export function readState(): State | undefined {
  const state = readLastState();
  return state && isRunning(state) ? state : undefined;
}

/** The testbed that is up, or one that has ended without being taken down. */
export function readLastState(): State | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Whether the process that owns a testbed is still there. */
export const isRunning = ({ pid, started }: State): boolean => startOf(pid) === started;

export function writeState(addresses: LocalAddresses, news: readonly string[] = []): void {
  const state: State = { pid: process.pid, started: startOf(process.pid) ?? '', addresses, news };
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.part`, JSON.stringify(state));
  renameSync(`${file}.part`, file);
}

export const clearState = (): void => rmSync(file, { force: true });
