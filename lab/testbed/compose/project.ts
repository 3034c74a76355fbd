import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Hop } from '#lab/topology/hops.ts';
import { forgetRanges } from './addresses.ts';
import { detours } from './detours.ts';
import { root } from './docker.ts';

/** A compose project of a run: docker-compose.yml as lab/testbed/compose/compose.yml changes it, with netproxy where it stands on a hop. */
export class Project {
  readonly name = `spillway-run-${randomBytes(6).toString('hex')}`;
  readonly #hops: readonly Hop[];
  readonly #seed: number;

  constructor(hops: readonly Hop[], seed: number) {
    this.#hops = hops;
    this.#seed = seed;
  }

  /** Docker's arguments for a command of compose. */
  compose(...args: readonly string[]): string[] {
    const files = ['docker-compose.yml', 'lab/testbed/compose/compose.yml'].map(
      (file) => `--file=${join(root, file)}`,
    );
    const profile = this.#hops.length > 0 ? ['--profile=chaos'] : [];
    return ['compose', '--project-name', this.name, '--progress', 'quiet', ...files, ...profile, ...args];
  }

  /** What leads the callers on hops with a proxy over it, in the environment of `up`. */
  get env(): Record<string, string> {
    return { ...detours(this.#hops), NETPROXY_SEED: String(this.#seed) };
  }

  /** The commands that leave nothing of it. */
  disband(timeoutSeconds: number): string[][] {
    return [
      this.compose('down', '--volumes', '--remove-orphans', '--timeout', String(timeoutSeconds)),
      forgetRanges(this.name),
      ['image', 'rm', '--force', `spillway:${this.name}`],
    ];
  }
}
