import { Type } from 'typebox';
import { Classes } from '#kit/request-class.ts';
import { InvalidError, type Problem, parser, strict, tagged } from '#kit/schema.ts';
import { Seed } from '#kit/seed.ts';
import { checkLoad, Load } from './phases.ts';
import type { Command } from './protocol.ts';

const target = {
  path: Type.Enum(['rpc', 'event']),
  url: Type.String({ pattern: '^http://[^/,]+/?(,http://[^/,]+/?)*$', maxLength: 512 }),
  natsUrl: Type.Optional(Type.String({ pattern: '^nats://', maxLength: 512 })),
  natsCredentials: Type.Optional(Type.String({ pattern: ':', maxLength: 512 })),
  connections: Type.Integer({ minimum: 1, maximum: 16_384 }),
};

const schema = tagged('do', {
  warm: strict({
    ...target,
    requests: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
    concurrency: Type.Integer({ minimum: 1, maximum: 16_384 }),
  }),
  run: strict({
    ...target,
    seed: Seed('Decides the arrivals.'),
    deadlineMs: Type.Number({ exclusiveMinimum: 0, maximum: 3_600_000 }),
    redrives: Type.Optional(Type.Boolean()),
    callers: Type.Optional(Type.Integer({ minimum: 1, maximum: 16_384 })),
    load: Load,
    classes: Classes,
    drainMs: Type.Number({ minimum: 0, maximum: 3_600_000 }),
    recordFile: Type.String({ minLength: 1, maxLength: 4096 }),
  }),
  stop: strict({}),
});

const parse: (value: unknown) => Command = parser(schema);

/** A command from a line of JSON. Throws InvalidError with everything that is wrong with it. */
export function parseCommand(line: string): Command {
  const value = parseJson(line);
  if (value === undefined)
    throw new InvalidError([
      { pointer: '', message: `expected a command as JSON, got ${line.slice(0, 60)}` },
    ]);
  const command = parse(value);
  const problems = command.do === 'stop' ? [] : checkCommand(command);
  if (problems.length > 0) throw new InvalidError(problems);
  return command;
}

function checkCommand(command: Exclude<Command, { do: 'stop' }>): Problem[] {
  const deaf = command.path === 'event' && command.natsUrl === undefined;
  const load = command.do === 'run' ? checkLoad(command.load, command.seed) : [];
  return [
    ...(deaf ? [{ pointer: '', message: 'expected a field natsUrl, which the event path needs' }] : []),
    ...load.map(({ pointer, message }) => ({ pointer: `/load${pointer}`, message })),
  ];
}

/** Undefined for what is no JSON. */
function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
