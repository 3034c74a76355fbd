import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EvidenceError } from '#lab/evidence/evidence-error.ts';
import { readSimulations, type SimulationEvidence, writeSimulations } from '#lab/evidence/simulations.ts';
import { testFolder } from '#test/support/folder.ts';

const evidence: SimulationEvidence = {
  version: 1,
  deadlineMs: 100,
  seeds: [1, 2],
  variants: [
    {
      name: 'a',
      overhead: { gatewayMs: 1, downstreamMs: 2 },
      ideal: [{ p50: null }, null],
      withOverhead: [],
    },
    { name: 'b', overhead: null, reason: 'Not simulated.', ideal: [], withOverhead: [] },
  ],
};

test('readSimulations reads what writeSimulations wrote, and nothing from a run without them', () => {
  const folder = testFolder();
  expect(readSimulations(folder)).toBeUndefined();
  writeSimulations(folder, evidence);
  expect(readSimulations(folder)).toEqual(evidence);
});

test('readSimulations refuses a device, since one such as /dev/zero has no end', () => {
  const folder = testFolder();
  symlinkSync('/dev/null', join(folder, 'simulations.json'));
  expect(() => readSimulations(folder)).toThrow(/simulations\.json: expected a regular file$/);
});

test.each([
  ['{', /simulations\.json: expected JSON/],
  [
    JSON.stringify({ ...evidence, version: 2 }),
    /simulations\.json: expected simulations of version 1, got 2: /,
  ],
  [JSON.stringify({ ...evidence, seeds: ['x'] }), /simulations\.json: \/seeds\/0: /],
])('readSimulations refuses %s', (text, message) => {
  const folder = testFolder();
  writeFileSync(join(folder, 'simulations.json'), text);
  expect(() => readSimulations(folder)).toThrow(EvidenceError);
  expect(() => readSimulations(folder)).toThrow(message);
});
