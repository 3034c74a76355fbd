import type { Static, TSchema } from 'typebox';
import { Classes } from '#kit/http/request.ts';
import { parseJson } from '#kit/json.ts';
import { parser } from '#kit/schema/parser.ts';
import { type Problem, refuse, within } from '#kit/schema/problems.ts';
import { documented, integer, number, Seed, tagged } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';
import { paths } from '#kit/wire.ts';
import { checkLoad, Load } from './phases.ts';
import { OwnRequest, requestProblems, variableProblems } from './sending/own-request.ts';

/** Returns the schema of an optional field. The field may also be undefined, which JSON leaves out. */
const maybe = <S extends TSchema>(schema: S) => Type.Optional(Type.Unsafe<Static<S> | undefined>(schema));

const text = (pattern: string, description: string) => Type.String({ pattern, maxLength: 512, description });

const target = {
  path: Type.Enum(paths),
  url: text(
    '^(http://[^/,]+/?(,http://[^/,]+/?)*|https://[^/,]+/?(,https://[^/,]+/?)*)$',
    "Where requests go: the gateway's or the publisher's traffic port, e.g. `http://127.0.0.1:4100`; of several replicas all, with commas between, which take turns.",
  ),
  natsUrl: Type.Optional(
    text('^nats://', 'Broker that reports the outcomes of events; for the event path only.'),
  ),
  natsCredentials: maybe(text(':', 'As `user:password`, if the broker requires a login.')),
  request: maybe(OwnRequest),
  connections: integer(
    { from: 1, to: 16_384 },
    'Open connections to each replica, and so the most requests in flight there; a scheduled request beyond that is `unsent`.',
  ),
  onDemand: maybe(
    Type.Boolean({
      description:
        'For a service of unknown capacity: connections are opened when a request needs them, and a warm-up sends requests for at most 5 s.',
    }),
  ),
};

export const Command = tagged('do', {
  warm: documented(
    'Requests in a closed loop that count in no figure. Opens all connections first and uses each in turn, unless `onDemand`. Ids are `w0`, `w1`, … and continue from one warm-up to the next. Requests without an outcome after 30 s are unfinished. Answered by `warm`. A command during another one, or a failed command, is answered by `error`.',
    {
      ...target,
      requests: integer({ from: 1, to: 1_000_000 }),
      concurrency: integer({ from: 1, to: 16_384 }),
    },
  ),
  run: documented('Answered by `started`, and `ended` in the end.', {
    ...target,
    seed: Seed('Decides the arrivals.'),
    deadlineMs: number({ above: 0, to: 3_600_000 }),
    redrives: Type.Optional(
      Type.Boolean({
        description:
          'Dead events may be redriven: the outcome `dead` is provisional until another outcome arrives or the drain ends.',
      }),
    ),
    callers: maybe(
      integer(
        { from: 1, to: 16_384 },
        'Number of callers of a closed loop, each with at most one open request. A scheduled request waits for a free caller, and its scheduled time becomes the time of sending. Without this field requests are sent at their scheduled times (open loop).',
      ),
    ),
    load: Load,
    classes: Classes,
    drainMs: number(
      { from: 0, to: 3_600_000 },
      'Longest wait for answers and outcomes after the last scheduled time.',
    ),
    recordFile: Type.String({
      minLength: 1,
      maxLength: 4096,
      description: 'CSV file that gets a line per request; see `recordHeader`.',
    }),
  }),
  stop: documented(
    'Ends the command under way at once; that command answers with the measurement so far. `stop` itself has no answer.',
    {},
  ),
});
export type Command = Static<typeof Command>;

const parse = parser(Command);

const requestsProblems = (request: OwnRequest): Problem[] => [
  ...requestProblems(request),
  ...variableProblems(request, process.env),
];

/** Parses a command from a line of JSON. Throws InvalidError with all problems at once. */
export function parseCommand(line: string): Command {
  const value = parseJson(line);
  const problem = (message: string): Problem => ({ pointer: '', message });
  if (value === undefined) refuse([problem(`expected a command as JSON, got ${line.slice(0, 60)}`)]);
  const command = parse(value);
  if (command.do === 'stop') return command;
  const isDeaf = command.path === 'event' && command.natsUrl === undefined;
  refuse([
    ...within('/request', command.request ? requestsProblems(command.request) : []),
    ...(isDeaf ? [problem('missing required field natsUrl, which the event path needs')] : []),
    ...(command.do === 'run' ? within('/load', checkLoad(command.load, command.seed)) : []),
  ]);
  return command;
}
