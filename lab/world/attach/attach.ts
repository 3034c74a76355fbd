import { countMessages } from '#kit/broker/broker.ts';
import { names } from '#kit/broker/names.ts';
import { aborted } from '#kit/clock.ts';
import { parseJson } from '#kit/json.ts';
import { shorten } from '#kit/schema/shorten.ts';
import { urlsIn } from '#kit/urls.ts';
import { interfaceVersion, type Path } from '#kit/wire.ts';
import { kinds } from '#lab/experiment/faults/kinds.ts';
import { requestOf } from '#lab/experiment/request.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import { InputError } from '#lab/kit/errors/input-error.ts';
import { TestbedError } from '#lab/kit/errors/testbed-error.ts';
import { serviceNames } from '#lab/kit/topology/names.ts';
import { hasPath } from '#lab/kit/topology/paths.ts';
import { serviceOf } from '#lab/kit/topology/replicas.ts';
import { openBroker } from '#lab/world/broker.ts';
import { answerOf } from '#lab/world/broker-answer.ts';
import { type Control, withControl } from '#lab/world/control.ts';
import { commandLine } from '#lab/world/process/command-line.ts';
import { Guard } from '#lab/world/process/guard.ts';
import { untilListening } from '#lab/world/readiness.ts';
import { readState } from '#lab/world/state.ts';
import { type Addresses, type Engine, type EngineOptions, orStop, type Testbed } from '#lab/world/testbed.ts';
import { configLeases } from './lease.ts';
import { eachProcess, withReplicas } from './replicas.ts';
import { pause, restore, type Used } from './restore.ts';

/**
 * Returns the engine for a testbed that already runs: started by `up`, given by URLs, or a mix of both. Throws
 * InputError if a part is missing.
 */
export function attach(options: EngineOptions): Engine {
  const { say = () => undefined } = options;
  const up = testbedThatRuns(options);
  const addresses = addressesOf(options, up);
  // On the same broker, the consumer of `up` would take events from the consumer that replaces it.
  const isSameBroker = addresses.natsUrl === up?.natsUrl;
  const replaced = options.ownConsumer && isSameBroker ? up?.control.consumer : undefined;
  return {
    name: 'attach',
    faults: (target) => (serviceOf(target) === 'downstream' ? Object.keys(kinds.downstream) : []),
    incomparable: 'Not simulated: a testbed that was attached may run other services and settings.',
    foreign: ['nats', ...serviceNames.filter((name) => addresses.control[name] === undefined)],
    start: (_logFolder, signal, experiment) => attachTo(addresses, replaced, experiment, say, signal),
  };
}

/** Returns the testbed of `up`, or the one that the environment names. */
function testbedThatRuns(options: EngineOptions): Addresses | undefined {
  const up = readState()?.addresses;
  return options.knownUrls
    ? addressesOf({ ...options, urls: options.knownUrls, ownConsumer: false }, up)
    : up;
}

/** Combines the given URLs with the addresses of the running testbed. A given URL takes precedence. */
export function addressesOf(options: EngineOptions, up: Addresses | undefined): Addresses {
  const { urls, ownConsumer } = options;
  const control = { ...up?.control };
  // Foreign services have no control port unless its URL is given.
  if (urls.gateway !== undefined) delete control.gateway;
  if (urls.publisher !== undefined) delete control.publisher;
  if (ownConsumer) delete control.consumer;
  for (const name of serviceNames) {
    const url = urls[`${name}-control`];
    if (url !== undefined) control[name] = url;
  }
  const { downstream } = control;
  const gateway = urls.gateway ?? up?.traffic.gateway;
  const publisher = urls.publisher ?? up?.traffic.publisher;
  const natsUrl = urls.nats ?? up?.natsUrl;
  const needed = { 'downstream-control': downstream, gateway, publisher, nats: natsUrl };
  const missing = Object.entries(needed).flatMap(([part, url]) => (url === undefined ? [part] : []));
  if (!downstream || !gateway || !publisher || !natsUrl)
    throw new InputError(
      `no testbed to attach to: start one with \`${commandLine(['up'])}\`, or name these with --url: ${missing.join(', ')}`,
    );
  return {
    control: { ...control, downstream },
    traffic: { gateway, publisher },
    natsUrl,
    loadControlUrl: urls['load-control'] ?? up?.loadControlUrl,
    netproxyUrl: urls['netproxy-control'] ?? up?.netproxyUrl,
    controlToken: options.controlToken ?? up?.controlToken,
    // Only the broker of the running testbed may receive its credentials.
    natsCredentials: options.natsCredentials ?? (natsUrl === up?.natsUrl ? up?.natsCredentials : undefined),
  };
}

/**
 * Returns a running testbed for a run. Leases the configurations of the services that the run will change, and
 * pauses the testbed's own load, both until `stop`. Rejects with TestbedError, and changes nothing, if
 * - a service doesn't respond, or has another version,
 * - another run is under way, or a fault is active, or
 * - the broker holds messages, which a run would delete.
 *
 * `replaced` is the control port of the testbed's own consumer, if a foreign consumer replaces it. This consumer is
 * paused for the run.
 */
async function attachTo(
  given: Addresses,
  replaced: string | undefined,
  experiment: Experiment,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<Testbed> {
  const events = hasPath(experiment, 'event');
  const addresses = await withReplicas(given, experiment.replicas);
  const { control, controlToken, traffic } = given;
  const { downstream, gateway, ...ofEvents } = control;
  const [load, netproxyUrl] = await Promise.all([
    ifThere('load', given.loadControlUrl, controlToken),
    ifThere('netproxy', given.netproxyUrl, controlToken),
  ]);
  const services = {
    downstream,
    ...(gateway && { gateway }),
    ...(events && ofEvents),
    ...(events && replaced && { 'replaced consumer': replaced }),
    ...(load && { load }),
  };
  const checks = Object.entries(services).map(([name, urls]) =>
    eachProcess(name, urls, controlToken, (port, url) => refuseOtherVersion(name, url, port)),
  );
  await Promise.all(checks);
  const leases = configLeases(services, controlToken);
  const used: Used = { ...given, services, leases, events, isOwn: false };
  const guard = new Guard();
  const testbed: Testbed = {
    ...addresses,
    netproxyUrl,
    ...{ end: refuse, restart: refuse, pause: refuse, resume: refuse },
    broker: undefined,
    guard,
    died: new Promise(() => undefined),
    stop: () => restore(used).finally(() => guard.release()),
  };
  const untilReachable = async (name: 'gateway' | 'publisher', path: Path) => {
    const insecure = isInsecure(experiment, path);
    for (const url of urlsIn(traffic[name])) await untilListening(name, url, { insecure, signal });
  };
  const prepare = async () => {
    await leases.begin();
    if (load)
      say(
        'Pausing the load of the testbed, and waiting until nothing of it is left. It starts again after the run.',
      );
    await pause(used, 'load');
    signal.throwIfAborted();
    await refuseFaults(given);
    await inspectBroker(given, events, signal);
    used.isOwn = true;
    // Only foreign services are checked here. Spillway's own are checked by their control ports.
    if (hasPath(experiment, 'rpc') && !gateway) await untilReachable('gateway', 'rpc');
    if (events && !ofEvents.publisher) await untilReachable('publisher', 'event');
    await pause(used, 'replaced consumer');
  };
  await orStop(testbed, prepare());
  return testbed;
}

/** Rejects. An experiment with faults of processes is refused before. */
async function refuse(): Promise<never> {
  throw new TestbedError('not-possible', 'the lab does not stop processes of an attached testbed');
}

/** Errors of a connection to a process that doesn't run. */
const absent = ['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'EHOSTUNREACH', 'UND_ERR_CONNECT_TIMEOUT'];

/** Returns the URL of an optional process; undefined if it doesn't run. Rejects with TestbedError. */
async function ifThere(
  name: string,
  url: string | undefined,
  token: string | undefined,
): Promise<string | undefined> {
  if (url === undefined) return undefined;
  const asking = withControl(name, url, token, (port) => port.request('GET', '/healthz'));
  return asking.then(
    () => url,
    (error: Error) => {
      if (!absent.includes((error.cause as { code?: string } | undefined)?.code ?? '')) throw error;
      return undefined;
    },
  );
}

/** Rejects with TestbedError if the HTTP interface of a service has another version than the lab's. */
export async function refuseOtherVersion(
  name: string,
  url: string,
  port: Pick<Control, 'request'>,
): Promise<void> {
  const text = await port.request('GET', '/healthz');
  const version = (parseJson(text) as { version?: unknown } | undefined)?.version;
  if (version === interfaceVersion) return;
  const message = `expected version ${shorten(interfaceVersion)} of Spillway's HTTP interface of ${name} at ${url}, got ${shorten(version)}: run the lab and all services from the same version of Spillway`;
  throw new TestbedError('version-differs', message);
}

/** True if no variant of a path checks the certificate. */
const isInsecure = (experiment: Experiment, path: Path): boolean =>
  Object.values(experiment.variants)
    .filter((variant) => variant.path === path)
    .every((variant) => requestOf(experiment, variant)?.insecure);

const refuseFaults = ({ control: { downstream }, controlToken }: Addresses): Promise<void> =>
  eachProcess('downstream', downstream, controlToken, async (port) => {
    const faults = await port.request('GET', '/faults');
    const [first] = JSON.parse(faults) as { name: string; kind: string; leftMs: number }[];
    if (first === undefined) return;
    const message = `downstream already has an active fault, "${first.name}" (${first.kind}), for ${Math.ceil(first.leftMs / 1000)} s more: wait, or clear a manual fault with \`${commandLine(['fault', '--clear'])}\``;
    throw new TestbedError('testbed-broken', message);
  });

/** Refuses a broker with messages, since a run deletes the streams before each variant. */
async function inspectBroker(addresses: Addresses, events: boolean, signal: AbortSignal): Promise<void> {
  const broker = await openBroker(addresses, aborted(signal));
  const held = events ? answerOf(addresses.natsUrl, countMessages(broker)) : Promise.resolve([0, 0] as const);
  const [work, dead] = await held.finally(() => broker.close());
  if (work + dead === 0) return;
  const { stream, deadLetters } = names;
  const message = `the broker at ${addresses.natsUrl} holds messages, ${work} in ${stream} and ${dead} in ${deadLetters}, which a run would delete: \`${commandLine(['dlq', 'redrive'])}\` or \`${commandLine(['dlq', 'purge'])}\` the dead letters, let a consumer finish ${stream}, or attach to another broker`;
  throw new TestbedError('streams-in-use', message);
}
