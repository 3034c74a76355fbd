import { join } from 'node:path';
import { expect, test } from 'vitest';
import { initCommand } from '#lab/cli/init.ts';
import { readExperiment, warningsOf } from '#lab/experiment/read.ts';
import { testFolder } from '#test/support/folder.ts';
import { runHere } from '#test/support/run-here.ts';

test('init --from writes a file, simulates each assumption, and ends with the next two commands', async () => {
  const folder = testFolder();
  const numbers = { p50: 40, p99: 200, concurrent: 6, rate: 30, retries: 3, timeout: 250 };
  const { code, stdout } = await runHere(() => initCommand('pay', folder, numbers));
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /^Wrote \S+pay\.yaml: In the spike 150 requests per second arrive; .* at most 11\d\.\n/,
  );
  expect(stdout).toMatch(
    /\nqueues +\d.* %, stays down +\d.*\nrefuses .*\nslows down .*\ncancels .*\nhalf the rate +1?\d/,
  );
  expect(stdout).toMatch(/\nThe assumption decides: yours stays down \(queues/);
  expect(stdout).toMatch(
    /\nNext:\n {2}\S+ simulate \S+pay\.yaml\n {2}\S+ run --slow-motion auto \S+pay\.yaml\n$/,
  );
  expect(warningsOf(readExperiment(join(folder, 'pay.yaml')))).toEqual([]);
});
