import { join } from 'node:path';
import { escapePointer } from '#kit/schema/problems.ts';
import type { LocatedProblem } from '#lab/experiment/file/source.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import type { Guard } from '#lab/world/process/guard.ts';
import { Agents } from './agents.ts';
import { Generator, type LoadGenerator, processOf } from './generator.ts';

/** Place for the processes of a load generator. */
export interface GeneratorPlace {
  readonly logFolder: string;
  readonly guard: Guard;
  readonly env: Readonly<Record<string, string>>;
}

/** Load agents that the runs of a command use. */
export interface Fleet {
  /** Undefined if one generator sends all requests. */
  readonly names?: readonly string[] | undefined;
  /** Starts the load generator of a testbed. */
  readonly open: (place: GeneratorPlace) => Promise<LoadGenerator>;
}

/** Starts one generator as a process of this machine. */
export const oneProcess: Fleet['open'] = async ({ logFolder, guard, env }) =>
  new Generator(processOf({ guard, env, logFile: join(logFolder, 'generator.log') }));

/** Returns agents that start as processes of this machine. */
export function processFleet(count: number): Fleet {
  const names = Array.from({ length: count }, (_, index) => `agent-${index + 1}`);
  return {
    names,
    async open({ logFolder, guard, env }) {
      const agents = names.map((name) => {
        const connect = processOf({ guard, env, logFile: join(logFolder, `${name}.log`), agent: name });
        return { name, generator: new Generator(connect, { agent: name }) };
      });
      return new Agents(agents);
    },
  };
}

/** Reports connections or callers of an experiment that are too few to be divided among agents. */
export function tooFewFor(agents: number, { connections, variants }: Experiment): LocatedProblem[] {
  const few = (pointer: string, most: number | undefined): LocatedProblem[] =>
    most === undefined || most >= agents
      ? []
      : [
          {
            pointer,
            elsewhere: '',
            message: `expected at least ${agents}, one for each load agent, got ${most}`,
          },
        ];
  return [
    ...few('/connections', connections),
    ...Object.entries(variants).flatMap(([name, { callers }]) =>
      few(`/variants/${escapePointer(name)}/callers`, callers),
    ),
  ];
}
