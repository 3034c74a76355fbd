import { expect, test } from 'vitest';
import { interfaceVersion } from '#kit/wire.ts';
import { refuseOtherVersion } from '#lab/world/attach/attach.ts';

const refusal = (answer: string) =>
  refuseOtherVersion('gateway', 'http://far:4111', { request: async () => answer });

test("refuseOtherVersion takes a service with the lab's version", async () => {
  await refusal(JSON.stringify({ version: interfaceVersion }));
});

test.each([
  ['another version', '{"version":"0.9.0"}', '"0.9.0"'],
  ['no version', '{}', 'nothing'],
  ['no document', 'hello', 'nothing'],
])('refuseOtherVersion refuses a service with %s', async (_what, answer, version) => {
  await expect(refusal(answer)).rejects.toMatchObject({
    name: 'version-differs',
    message: `expected version "${interfaceVersion}" of Spillway's HTTP interface of gateway at http://far:4111, got ${version}: run the lab and all services from the same version of Spillway`,
  });
});
