import { docker } from './docker.ts';

/** The networks between the containers of a run, by the variable that has the range of each in compose.yml. */
const networks = ['CALLERS', 'WORK', 'BROKER', 'CONTROL'];

const names = (project: string): string[] => networks.map((network) => `${project}-${network.toLowerCase()}`);

/**
 * Ranges of addresses that are free, as in 172.18.0, by the networks' variables: Docker chooses them for networks that are
 * removed again, since it gives a container the address that it had only where the range was given.
 */
export async function freeRanges(project: string, signal?: AbortSignal): Promise<Record<string, string>> {
  try {
    for (const name of names(project)) await docker(['network', 'create', '--internal', name], { signal });
    const subnet = '{{(index .IPAM.Config 0).Subnet}}';
    const subnets = await docker(['network', 'inspect', '--format', subnet, ...names(project)], { signal });
    const ranges = subnets.split('\n').map((one) => one.split('.').slice(0, 3).join('.'));
    return Object.fromEntries(networks.map((network, index) => [network, ranges[index]!]));
  } finally {
    await docker(forgetRanges(project));
  }
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
