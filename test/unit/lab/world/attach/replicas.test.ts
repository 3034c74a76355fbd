import { expect, test } from 'vitest';
import { alone } from '#lab/kit/topology/replicas.ts';
import { processUrls, withReplicas } from '#lab/world/attach/replicas.ts';
import { hasNamedReplicas } from '#lab/world/testbed.ts';

const names: Readonly<Record<string, readonly string[]>> = {
  gateway: ['10.0.0.3', '10.0.0.2'],
  downstream: ['10.0.0.4'],
  mine: ['10.0.0.5', '10.0.0.6'],
};
const resolve = async (name: string) => {
  const found = names[name];
  if (!found) throw new Error(`unknown: ${name}`);
  return [...found];
};

test.each([
  ['http://gateway:8081', ['http://10.0.0.2:8081', 'http://10.0.0.3:8081']],
  ['http://downstream:8081', ['http://downstream:8081']],
  ['http://unknown:1', ['http://unknown:1']],
  ['http://10.0.0.9:1,http://[::1]:2', ['http://10.0.0.9:1', 'http://[::1]:2']],
])('processUrls has a URL for each process of %s', async (url, expected) => {
  expect(await processUrls(url, resolve)).toEqual(expected);
});

const given = {
  control: { downstream: 'http://downstream:8081', gateway: 'http://gateway:8081' },
  traffic: { gateway: 'http://gateway:8080', publisher: 'http://mine:8080' },
  natsUrl: 'nats://n:0',
};

test("withReplicas repeats the URL of Spillway's own services for each replica", async () => {
  expect(await withReplicas(given, { ...alone, gateway: 2 }, resolve)).toEqual({
    ...given,
    control: { downstream: 'http://downstream:8081', gateway: 'http://gateway:8081,http://gateway:8081' },
    traffic: { gateway: 'http://gateway:8080,http://gateway:8080', publisher: 'http://mine:8080' },
  });
});

test.each([
  ['gateway', 1, 2],
  ['downstream', 2, 1],
  ['consumer', 2, 1],
] as const)(
  'withReplicas refuses another number of %s than the experiment has',
  async (name, expected, count) => {
    const refused = withReplicas(given, { ...alone, gateway: 2, [name]: expected }, resolve);
    await expect(refused).rejects.toMatchObject({
      name: 'replicas-differ',
      message: expect.stringMatching(new RegExp(`${expected}\\sreplicas? of ${name}.*got ${count}`)),
    });
  },
);

test('withReplicas refuses a gateway whose traffic goes to fewer processes than are configured', async () => {
  const traffic = { ...given.traffic, gateway: 'http://10.0.0.2:8080' };
  await expect(withReplicas({ ...given, traffic }, { ...alone, gateway: 2 }, resolve)).rejects.toThrow(
    'gateway',
  );
});

test('hasNamedReplicas is true only if a URL is repeated', async () => {
  expect(hasNamedReplicas(await withReplicas(given, { ...alone, gateway: 2 }, resolve))).toBe(true);
  const control = { downstream: 'http://10.0.0.4:1,http://10.0.0.4:2' };
  expect(hasNamedReplicas({ control })).toBe(false);
});
