import { expect, test } from 'vitest';
import { watchTampering } from '#lab/conduct/tampering.ts';
import type { CounterDeltas } from '#lab/evidence/counter-deltas.ts';
import type { Samples } from '#lab/evidence/samples.ts';
import { type ServiceProcess, serviceNames } from '#lab/kit/topology/names.ts';
import type { Control } from '#lab/world/control.ts';
import { type Controls, ServiceControl } from '#lab/world/controls.ts';

interface State {
  config: object;
  faults: { name: string }[];
  /** Number of changes that the service counted, by resource. `sent` has the number that the lab itself made. */
  counted: Record<string, number>;
  readonly sent: Map<string, number>;
}

const samplesOf = ({ counted }: State): Samples =>
  new Map(
    Object.entries(counted).map(([resource, count]) => [
      `spillway_control_changes_total{resource="${resource}"}`,
      count,
    ]),
  );

const stateOf = (config: object): State => ({
  config,
  faults: [],
  counted: {},
  sent: new Map(),
});

const portTo = (state: State) =>
  ({
    sent: state.sent,
    config: async () => state.config,
    scrape: async () => samplesOf(state),
    request: async () => JSON.stringify(state.faults),
  }) as unknown as Control;

/** Resolves with the findings of `watchTampering` if `tamper` changes a testbed before or after the watch begins. */
async function findings(
  tamper: (states: Record<string, State>) => void,
  when: 'before' | 'after' = 'after',
): Promise<readonly string[]> {
  const config = { seed: 1, policies: [{ timeout: { ms: 100 } }] };
  const proxies = { seed: 1, proxies: [proxy] };
  const states: Record<string, State> = {
    ...Object.fromEntries(serviceNames.map((name) => [name, stateOf(config)])),
    netproxy: stateOf(proxies),
  };
  const controls = Object.fromEntries(
    serviceNames.map((name) => [
      name,
      new ServiceControl(new Map([[name as ServiceProcess, portTo(states[name]!)]])),
    ]),
  ) as unknown as Controls;
  const counterDeltas = {
    get byProcess() {
      return new Map(serviceNames.map((name) => [name, samplesOf(states[name]!)]));
    },
  } as unknown as CounterDeltas;
  if (when === 'before') tamper(states);
  const netproxy = portTo(states.netproxy!);
  const tampering = await watchTampering({ ...controls, netproxy }, () => counterDeltas);
  // Changes that the lab itself made: two to faults, and the announcements of the run.
  states.downstream!.sent.set('faults', 2);
  states.downstream!.counted = { faults: 2, run: 40 };
  states.netproxy!.sent.set('faults', 2);
  states.netproxy!.counted = { faults: 2 };
  if (when === 'after') tamper(states);
  return await tampering();
}

test('watchTampering finds nothing in what the lab does itself', async () => {
  expect(await findings(() => undefined)).toEqual([]);
});

/** Overwrites fields in the states of these processes. */
const change = (changes: Record<string, Partial<State>>) => (states: Record<string, State>) => {
  for (const [name, changed] of Object.entries(changes)) Object.assign(states[name]!, changed);
};
const shown = /gateway_to_downstream/;
const proxy = { name: 'gateway_to_downstream', enabled: true, toxics: [] };

test.each<[string, Record<string, Partial<State>>, RegExp]>([
  ['a configuration changed back', { consumer: { counted: { config: 2 } } }, /^2\s.* config of consumer/],
  ["a fault beside the lab's", { downstream: { counted: { faults: 3 } } }, /^1\s.* faults of downstream/],
  ['a toxic by its API', { netproxy: { counted: { faults: 2, proxies: 1 } } }, /^1\s.* proxies of netproxy/],
])('watchTampering finds %s', async (_what, changes, expected) => {
  expect(await findings(change(changes))).toEqual([expect.stringMatching(expected)]);
});

test.each<[string, Record<string, Partial<State>>, RegExp]>([
  ['a fault of downstream', { downstream: { faults: [{ name: 'slow' }] } }, /downstream .*slow/],
  ['a proxy with a toxic', { netproxy: { config: { proxies: [{ ...proxy, toxics: [{}] }] } } }, shown],
  ['a proxy that is down', { netproxy: { config: { proxies: [{ ...proxy, enabled: false }] } } }, shown],
])('watchTampering finds %s that was active before the load began', async (_what, changes, expected) => {
  expect(await findings(change(changes), 'before')).toEqual([expect.stringMatching(expected)]);
});

test('watchTampering takes what a restarted process no longer counts for no change', async () => {
  expect(await findings(change({ downstream: { counted: {} } }))).toEqual([]);
});
