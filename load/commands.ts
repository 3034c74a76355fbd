import type { Static, TSchema } from 'typebox';
import { Classes } from '#kit/http/request.ts';
import { parseJson } from '#kit/json.ts';
import { InvalidError, type Problem, refuse, within } from '#kit/schema/problems.ts';
import { integer, number, parser, positive, Seed, strict, tagged } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';
import { paths } from '#kit/wire.ts';
import { checkLoad, Load } from './phases.ts';

/** Optional, and may be undefined, which JSON leaves out. */
const maybe = <S extends TSchema>(schema: S) => Type.Optional(Type.Unsafe<Static<S> | undefined>(schema));

const text = (pattern: string, description: string) => Type.String({ pattern, maxLength: 512, description });

const target = {
  path: Type.Enum(paths),
  url: text(
    '^http://[^/,]+/?(,http://[^/,]+/?)*$',
    "Where requests go: the gateway's or the publisher's traffic port, e.g. `http://127.0.0.1:4100`; of several replicas all, with commas between, which take turns.",
  ),
  natsUrl: Type.Optional(
    text('^nats://', 'Where outcomes of events come back; needed for the event path only.'),
  ),
  natsCredentials: maybe(text(':', 'As `user:password`, where the broker wants them.')),
  connections: integer(
    1,
    16_384,
    'Open connections to each replica, and so the most requests under way at once there; what is due beyond that is `unsent`.',
  ),
  onDemand: maybe(
    Type.Boolean({
      description:
        'For a service of which nobody knows how much it can take: connections are opened when a request needs them, not ahead, and a warm-up begins with one request at a time and doubles that while the latency does not rise, for 5 s at most.',
    }),
  ),
};

export const Command = tagged('do', {
  warm: strict(
    {
      ...target,
      requests: integer(1, 1_000_000),
      concurrency: integer(1, 16_384),
    },
    {
      description:
        'Requests in a closed loop, kept out of all figures; opens all connections first and goes through them, unless `onDemand`. Ids are `w0`, `w1`, … and go on from one warm-up to the next. What has no outcome after 30 s is unfinished. Answered by `warm`. One command at a time: another one is an `error`, and so is whatever goes wrong with it.',
    },
  ),
  run: strict(
    {
      ...target,
      seed: Seed('Decides the arrivals.'),
      deadlineMs: positive(3_600_000),
      redrives: Type.Optional(
        Type.Boolean({
          description:
            'Dead events may be redriven: then the news that one is dead is kept until there is other news of it, or the drain is over.',
        }),
      ),
      callers: maybe(
        integer(
          1,
          16_384,
          'A closed loop: so many callers, of whom each sends a request only once it has no other open. What is due waits for a free one, and counts as due when it is sent. Without it requests are sent when they are due, an open loop.',
        ),
      ),
      load: Load,
      classes: Classes,
      drainMs: number(0, 3_600_000, 'How long to wait for answers and outcomes after the last due time.'),
      recordFile: Type.String({
        minLength: 1,
        maxLength: 4096,
        description: 'The CSV file for a line per request; see `recordHeader`.',
      }),
    },
    { description: 'Answered by `started`, and `done` in the end.' },
  ),
  stop: strict(
    {},
    {
      description:
        'Ends what is under way at once; it answers with what was measured until then. No answer of its own.',
    },
  ),
});
export type Command = Static<typeof Command>;

const parse = parser(Command);

/** Parses a command from a line of JSON. Throws InvalidError with all problems. */
export function parseCommand(line: string): Command {
  const value = parseJson(line);
  if (value === undefined) throw invalid(`expected a command as JSON, got ${line.slice(0, 60)}`);
  const command = parse(value);
  if (command.do !== 'stop') refuse(checkCommand(command));
  return command;
}

function checkCommand(command: Exclude<Command, { do: 'stop' }>): Problem[] {
  const isDeaf = command.path === 'event' && command.natsUrl === undefined;
  const load = command.do === 'run' ? checkLoad(command.load, command.seed) : [];
  return [
    ...(isDeaf ? invalid('expected a field natsUrl, which the event path needs').problems : []),
    ...within('/load', load),
  ];
}

const invalid = (message: string) => new InvalidError([{ pointer: '', message }]);
