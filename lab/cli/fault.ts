import { checker } from '#kit/schema/parser.ts';
import { isRecord } from '#kit/schema/schema.ts';
import { exitCodes } from '#lab/errors/exit-codes.ts';
import { InputError } from '#lab/errors/input-error.ts';
import { ownProblems } from '#lab/experiment/checks/faults.ts';
import { YamlError, YamlSource } from '#lab/experiment/file/source.ts';
import { described } from '#lab/experiment/read.ts';
import { Fault } from '#lab/experiment/schema.ts';
import type { FaultContext } from '#lab/faults/injectable.ts';
import { kindOf, kinds } from '#lab/faults/kinds.ts';
import { processUrls } from '#lab/testbed/attach/replicas.ts';
import { type Control, withControl } from '#lab/testbed/control.ts';
import { commandLine } from '#lab/testbed/process/command-line.ts';
import { readState } from '#lab/testbed/state.ts';
import { lanes, type Urls } from '#lab/testbed/testbed.ts';
import { duration, plain } from '#lab/text/format.ts';
import { printable } from '#lab/text/printable.ts';
import { hops, isHop } from '#lab/topology/hops.ts';
import { serviceOf } from '#lab/topology/replicas.ts';
import { namesTestbed, testbedInEnvironment } from './environment.ts';

interface FaultOptions {
  readonly for?: number | undefined;
  readonly target: string;
  readonly lane?: keyof typeof lanes | 'all' | undefined;
  readonly name?: string | undefined;
  /** Name of the fault to clear, or true for all. */
  readonly clear?: string | true | undefined;
  readonly url?: Urls | undefined;
}

/** Injects a fault, or lists or clears the active ones. Resolves with the exit code. */
export async function faultCommand(
  kind: string | undefined,
  fields: readonly string[] | undefined,
  options: FaultOptions,
): Promise<number> {
  const { for: forMs, clear } = options;
  if (kind === undefined && forMs === undefined) return listOrClear(clear, await placesOf(options));
  if (kind === undefined || forMs === undefined || clear !== undefined)
    throw new InputError('expected a kind of fault with --for, as in --for 20s, and without --clear');
  return begin(faultOf(kind, fields ?? [], forMs, options), await placesOf(options));
}

/** Returns a fault for an endless load. Throws InputError with the problems that it would have in an experiment. */
function faultOf(
  kind: string,
  fields: readonly string[],
  forMs: number,
  { target, lane, name = `manual-${kind}` }: FaultOptions,
): Fault {
  const possible = ['downstream', ...hops];
  if (Object.hasOwn({ ...kinds['any process'], ...kinds.nats }, kind))
    throw new InputError(insteadOf(kind, lane && lane !== 'all' ? lanes[lane] : serviceOf(target)));
  if (!possible.includes(serviceOf(target)))
    throw new InputError(`--target ${target}: expected one of ${possible.join(', ')}`);
  if (lane && isHop(target))
    throw new InputError(`expected either --lane or a hop, got ${lane} and ${target}`);
  const isOfHops = Object.hasOwn(kinds['any hop'], kind) && !Object.hasOwn(kinds.downstream, kind);
  if (isOfHops && !isHop(target))
    throw new InputError(`${kind} needs --target: expected one of ${hops.join(', ')}`);
  const fault = { name, atMs: 0, forMs, target, fault: { ...fieldsOf(fields), kind } } as Fault;
  const problems = checker(Fault)(fault);
  const lines = (problems.length > 0 ? problems : ownProblems(fault, Infinity)).map(
    ({ pointer, message }) => {
      const flag = pointer.startsWith('/fault') ? '' : '--';
      return flag + described({ pointer: pointer.replace('/fault', ''), message });
    },
  );
  if (lines.length > 0) throw new InputError(lines.join('\n'));
  return fault;
}

/** Explains what to do in place of a fault that no service injects itself. */
function insteadOf(kind: string, service: string): string {
  // Compose can't cut a container off. One that is paused does not answer either, and its connections stay open.
  const actions: Record<string, string> = { kill: 'kill', stop: 'stop', pause: 'pause', disconnect: 'pause' };
  const action = namesTestbed() && actions[kind];
  if (!action) return `${kind} needs an experiment: \`${commandLine(['init', 'mine'])}\` writes one`;
  const back = action === 'pause' ? 'unpause' : 'start';
  return `${kind} needs Docker: use \`docker compose ${action} ${service}\`, and \`docker compose ${back} ${service}\` to clear it`;
}

/** Parses fields such as `added.ms=300`, whose values are YAML. Throws InputError. */
const fieldsOf = (fields: readonly string[]): object =>
  fields.reduce((before: object, field) => {
    const [, path = '', text = ''] = /^([^=]+)=(.*)$/s.exec(field) ?? [];
    if (path === '') throw new InputError(`${field}: expected field=value, as in added.ms=300`);
    try {
      return withField(before, path.split('.'), new YamlSource(text).value);
    } catch (error) {
      throw error instanceof YamlError
        ? new InputError(`${path}: ${error.message}`, { cause: error })
        : error;
    }
  }, {});

function withField(of: unknown, [first = '', ...path]: readonly string[], value: unknown): object {
  const fields = isRecord(of) ? of : {};
  return { ...fields, [first]: path.length === 0 ? value : withField(fields[first], path, value) };
}

const noProxies =
  'the hops have no proxies: start the containers with `docker compose --env-file .env --env-file docker/chaos.env up --wait`, or use an experiment';

function begin(fault: Fault, all: readonly Place[]): Promise<number> {
  const { name, target, forMs, fault: options } = fault;
  const meant = new RegExp(`${isHop(target) ? 'netproxy' : target}(-\\d+)?$`);
  const places = all.filter((place) => meant.test(place.name));
  if (places.length === 0) {
    const names = all.map((place) => place.name).join(', ');
    throw new InputError(isHop(target) ? noProxies : `--target ${target}: expected one of ${names}`);
  }
  return atEach(places, async (port, place) => {
    const controls = { downstream: { processes: new Map([[target, port]]) }, netproxy: port };
    const injection = { name, target, forMs, options, config: undefined };
    await kindOf(fault).begin({ controls } as unknown as FaultContext, injection as never);
    return [`${name} is active at ${place} for ${duration(forMs)}.`];
  });
}

/** Lists faults, and clears all or the named one. A missing one is no error, since its lease may be over. */
function listOrClear(clear: string | true | undefined, places: readonly Place[]): Promise<number> {
  const isNamed = typeof clear === 'string';
  const act = async (port: Control, place: string) => {
    const found = (await activeAt(port)).filter(({ name }) => !isNamed || name === clear);
    for (const { name } of clear ? found : [])
      await port.request('DELETE', `/faults/${encodeURIComponent(name)}`);
    return found.map(({ name, kind, leftMs, target, ...fields }) => {
      const at = target === undefined ? place : `${place}, ${target}`;
      const then = clear ? 'cleared' : `${duration(leftMs)} left`;
      return `${name} at ${at}: ${kind} ${JSON.stringify(fields)}, ${then}`;
    });
  };
  return atEach(places, act, isNamed ? `No fault ${clear} is active.` : 'No fault is active.');
}

/** Returns the active faults of a process; none if it is a netproxy that doesn't run. */
async function activeAt(
  port: Control,
): Promise<{ name: string; kind: string; leftMs: number; target?: string }[]> {
  const answer = port.request('GET', '/faults');
  return JSON.parse(await answer.catch((error) => (isAbsent(error) ? '[]' : Promise.reject(error))));
}

const isAbsent = ({ name }: Error): boolean => name === 'netproxy-unreachable';

/** Process that injects faults itself. */
interface Place {
  readonly name: string;
  readonly url: string;
  readonly token: string | undefined;
}

/** Returns the dependency of a lane. Without one, returns all dependencies and netproxy. Throws InputError. */
async function placesOf({ lane, url }: FaultOptions): Promise<Place[]> {
  const up = readState()?.addresses;
  const { knownUrls, controlToken: token = up?.controlToken } = testbedInEnvironment();
  const urls: Urls = { ...(up && { 'downstream-control': up.control.downstream }), ...knownUrls, ...url };
  if (lane && !(urls['naive-downstream-control'] && urls['guarded-downstream-control']))
    throw new InputError(`--lane ${lane}: expected a testbed with lanes, such as that of docker compose up`);
  const isOne = lane !== undefined && lane !== 'all';
  const names = isOne ? [lanes[lane]] : ([...Object.values(lanes), 'netproxy'] as const);
  const places = names.map(async (name) => {
    const known = urls[`${name}-control`];
    const each = known === undefined ? [] : await processUrls(known);
    return each.map((url, index) => ({ name: each.length > 1 ? `${name}-${index + 1}` : name, url, token }));
  });
  const all = (await Promise.all(places)).flat();
  if (all.length > 0) return all;
  const message = `start one with \`${commandLine(['up'])}\`, or name its control ports with --url`;
  throw new InputError(`no testbed is up: ${message}`);
}

/** Calls `act` for each place, and prints the lines that it returns, or `none`. Resolves with the exit code. */
async function atEach(
  places: readonly Place[],
  act: (port: Control, place: string) => Promise<readonly string[]>,
  none = '',
): Promise<number> {
  const ended = await Promise.allSettled(
    places.map(({ name, url, token }) => withControl(name, url, token, (port) => act(port, name))),
  );
  const lines = ended.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
  const errors = ended.flatMap((one) => (one.status === 'rejected' ? [one.reason as Error] : []));
  if (lines.length + errors.length === 0) process.stdout.write(`${printable(none)}\n`);
  for (const line of lines) process.stdout.write(`${plain(printable(line))}\n`);
  for (const error of errors)
    process.stderr.write(`${printable(isAbsent(error) ? noProxies : error.message)}\n`);
  return errors.length > 0 ? exitCodes.internal : exitCodes.held;
}
