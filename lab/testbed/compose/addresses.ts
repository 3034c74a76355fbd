import { docker } from './docker.ts';

/** The networks between the containers of a run, by the variable that has the range of each in compose.yml. */
const networks = ['CALLERS', 'WORK', 'BROKER', 'CONTROL'];

const names = (project: string): string[] => networks.map((network) => `${project}-${network.toLowerCase()}`);

/** Where each container is in every range, counted from its start; the first one is Docker's own. */
const places = { GATEWAY: 2, PUBLISHER: 3, NATS: 4, CONSUMER: 5, DOWNSTREAM: 6, NETPROXY: 7 };

/**
 * Ranges of addresses that are free, as in 172.18.0.0/16, and what each container has in them, by the variables of
 * compose.yml: Docker chooses them for networks that are removed again, since it gives a container the address that it had
 * only where the range was given. Somebody else's network may take them until they are used.
 */
export async function freeRanges(project: string, signal?: AbortSignal): Promise<Record<string, string>> {
  try {
    for (const name of names(project)) await docker(['network', 'create', '--internal', name], { signal });
    const subnet = '{{(index .IPAM.Config 0).Subnet}}';
    const subnets = await docker(['network', 'inspect', '--format', subnet, ...names(project)], { signal });
    const ranges = subnets.trim().split('\n');
    return Object.assign({}, ...networks.map((network, index) => variablesOf(network, ranges[index]!)));
  } finally {
    await docker(forgetRanges(project));
  }
}

function variablesOf(network: string, range: string): Record<string, string> {
  const [, start, last] = /^(.*)\.(\d+)\//.exec(range)!;
  const addresses = Object.entries(places).map(([container, place]) => [
    `${network}_${container}`,
    `${start}.${Number(last) + place}`,
  ]);
  return { [network]: range, ...Object.fromEntries(addresses) };
}

/** The command that leaves nothing of what `freeRanges` has asked with. */
export const forgetRanges = (project: string): string[] => ['network', 'rm', '--force', ...names(project)];

/** The address that a container has on each of its networks. */
export async function addressesOf(id: string, signal?: AbortSignal): Promise<Record<string, string>> {
  const format = '{{json .NetworkSettings.Networks}}';
  const found: Record<string, { IPAddress: string }> = JSON.parse(
    await docker(['inspect', '--format', format, id], { signal }),
  );
  return Object.fromEntries(Object.entries(found).map(([network, { IPAddress }]) => [network, IPAddress]));
}
