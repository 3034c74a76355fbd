import { Document } from 'yaml';
import { checker } from '#kit/schema/parser.ts';
import { taggedKinds } from '#kit/schema/schema.ts';
import { kinds, kindsOf } from '#lab/experiment/faults/kinds.ts';
import { YamlSource } from '#lab/experiment/file/source.ts';
import { described } from '#lab/experiment/read.ts';
import { InputError } from '#lab/kit/errors/input-error.ts';
import { duration } from '#lab/kit/text/format.ts';
import { hops, proxyOf } from '#lab/kit/topology/hops.ts';
import { processUrls } from './attach/replicas.ts';
import { type Control, withControl } from './control.ts';
import { readState } from './state.ts';
import { type EngineOptions, lanes, type Urls } from './testbed.ts';

interface FaultOptions extends Pick<EngineOptions, 'knownUrls' | 'controlToken'> {
  readonly for?: number | undefined;
  readonly target: string;
  readonly lane?: keyof typeof lanes | undefined;
  readonly clear?: true | undefined;
  readonly url?: Urls | undefined;
}

type Say = (line: string) => void;

/** Injects a fault, or clears the manual ones. Reports the faults that are then active, one line each. */
export async function changeFaults(
  kind: string | undefined,
  fields: readonly string[] = [],
  options: FaultOptions,
  say: Say,
): Promise<void> {
  const { for: leaseMs, target, clear } = options;
  if (kind === undefined && leaseMs === undefined) {
    const ask = clear ? clearByHand : (port: Control) => port.request('GET', '/faults');
    return atEach(await placesOf(options), ask, say);
  }
  if (kind === undefined || clear)
    throw new InputError('expected a kind of fault with --for, and without --clear');
  const hop = hops.find((each) => each === target);
  if (!hop && Object.hasOwn(kinds['any process'], kind))
    throw new InputError(
      `${kind} needs an experiment; without one, docker compose kills and pauses containers`,
    );
  const possible = kindsOf(hop ?? 'downstream');
  const fault = { ...optionsOf(fields), kind };
  let problems = checker(taggedKinds(possible))(fault);
  if (problems.length === 0) problems = possible[kind]!.problems?.(fault) ?? [];
  const hint = kind === 'list' ? ['`fault` without a kind lists the active faults'] : [];
  if (problems.length > 0) throw new InputError([...problems.map(described), ...hint].join('\n'));
  if (leaseMs === undefined)
    throw new InputError(`expected --for beside ${kind}: when it ends, as in --for 20s`);
  const places = (await placesOf(options)).filter(({ targets }) => targets.includes(target));
  const expected = `downstream, a running replica of it, or, with docker/chaos.env, one of ${hops.join(', ')}`;
  if (places.length === 0) throw new InputError(`--target ${target}: expected ${expected}`);
  const body = { leaseMs, ...(hop && { target: proxyOf(hop) }), fault };
  const name = `manual-${kind}${hop ? `-${proxyOf(hop)}` : ''}`;
  return atEach(places, (port) => port.request('PUT', `/faults/${name}`, body), say);
}

/** Parses fields such as `added.ms=300`, whose values are YAML. Throws InputError. */
function optionsOf(fields: readonly string[]): object {
  const options = new Document({});
  for (const field of fields) {
    const [path = '', ...text] = field.split('=');
    try {
      options.setIn(path.split('.'), options.createNode(new YamlSource(text.join('=')).value));
    } catch (cause) {
      throw new InputError(`${field}: ${(cause as Error).message}`, { cause });
    }
  }
  return options.toJS();
}

/** Returns the dependency of a lane. Without one, returns all dependencies and netproxy. Throws InputError. */
async function placesOf({ lane, url: given, knownUrls, controlToken }: FaultOptions) {
  const up = readState()?.addresses;
  const token = controlToken ?? up?.controlToken;
  const urls: Urls = { ...(up && { 'downstream-control': up.control.downstream }), ...knownUrls, ...given };
  const netproxyAt = (url: string) => withControl('netproxy', url, token, (port) => port.config());
  const services = lane ? [lanes[lane]] : ([...Object.values(lanes), 'netproxy'] as const);
  const places = services.map(async (service) => {
    const known = urls[`${service}-control`];
    // It runs only with docker/chaos.env.
    const isThere = known && (service !== 'netproxy' || (await netproxyAt(known).catch(() => false)));
    const each = isThere ? await processUrls(known) : [];
    return each.map((url, index) => {
      const own = each.length > 1 ? `downstream-${index + 1}` : 'downstream';
      const targets: readonly string[] = service === 'netproxy' ? hops : ['downstream', own];
      return { name: service.replace('downstream', own), url, token, targets };
    });
  });
  const all = (await Promise.all(places)).flat();
  const start = `start a testbed with ${lane ? '' : '`up` or '}\`docker compose up\`, or use --url`;
  if (all.length === 0) throw new InputError(`found no ${lane ? lanes[lane] : 'downstream'}: ${start}`);
  return all;
}
type Places = Awaited<ReturnType<typeof placesOf>>;

/** Clears the manual faults of a process, not those of the load or of a run. Resolves with the faults left. */
async function clearByHand(port: Control): Promise<string> {
  let left = await port.request('GET', '/faults');
  for (const { name } of JSON.parse(left))
    if (name.startsWith('manual-'))
      left = await port.request('DELETE', `/faults/${encodeURIComponent(name)}`);
  return left;
}

/** Asks each process, and reports the faults that it answers. Rejects with TestbedError if one fails. */
async function atEach(places: Places, ask: (port: Control) => Promise<string>, say: Say): Promise<void> {
  const asked = places.map(async ({ name: place, url, token }) => {
    const faults = JSON.parse(await withControl(place, url, token, ask));
    if (faults.length === 0) say(`${place}: no fault`);
    for (const { name, kind, leftMs, ...options } of faults)
      say(`${place}: ${name}, ${duration(leftMs)} left: ${kind} ${JSON.stringify(options)}`);
  });
  await Promise.allSettled(asked); // the others go on if one fails
  await Promise.all(asked);
}
