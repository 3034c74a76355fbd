import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { exitCodes } from '#lab/errors/exit-codes.ts';
import type { Result } from '#lab/result/result.ts';
import { selfSigned } from '#test/support/certificate.ts';
import { testFolder } from '#test/support/folder.ts';
import { startSpillway } from '#test/support/spillway.ts';
import { sharedUp } from '#test/support/up.ts';

const up = sharedUp();
const fixture = fileURLToPath(new URL('../fixtures/own/orders.yaml', import.meta.url));
const secret = 'hunter-2/orders';

/** Returns the paths of all files of the runs in a folder. */
const filesIn = (folder: string) =>
  readdirSync(join(folder, 'runs'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));

const holding = (folder: string, text: string) =>
  filesIn(folder).filter((file) => readFileSync(file, 'latin1').includes(text));

/** Returns the example as text, shortened, and with wide limits of validity, since the test compares only counts. */
const example = () =>
  readFileSync(fixture, 'utf8')
    .replace(/(lagP99Ms|sleepExcessP99Ms|stallMs): 50$/gm, '$1: 5000')
    .replace(/^load:/m, 'warmup: { requests: 25 }\nload:')
    .replace('deadlineMs: 2000', 'deadlineMs: 10000')
    .replace('drainMs: 2000', 'drainMs: 10000')
    .replace('forMs: 4000', 'forMs: 1000');

/** Starts the service with its own API, and returns a function that runs an experiment with it. */
async function orders() {
  const { urls, natsCredentials, traffic, own } = await up();
  const folder = testFolder();
  const pem = selfSigned({ dns: 'localhost' });
  const [keyFile, certificateFile] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  writeFileSync(keyFile, pem.key);
  writeFileSync(certificateFile, pem.cert);
  const port = await own('orders.ts', {
    DOWNSTREAM_URL: traffic.downstream,
    ORDERS_TOKEN: secret,
    KEY_FILE: keyFile,
    CERTIFICATE_FILE: certificateFile,
  });
  const { 'gateway-control': _, ...others } = urls;
  const url = `https://localhost:${port}`;
  const given = Object.entries({ ...others, gateway: url }).flatMap(([part, at]) => [
    '--url',
    `${part}=${at}`,
  ]);
  const runIn = (work: string, env: NodeJS.ProcessEnv, text = example()) => {
    writeFileSync(join(work, 'orders.yaml'), text);
    const args = ['run', '--verbose', '--engine', 'attach', ...given, 'orders.yaml'];
    return startSpillway(args, {
      folder: work,
      env: { SPILLWAY_NATS_CREDENTIALS: natsCredentials, ...env },
    }).ended();
  };
  return { certificateFile, runIn };
}

test('run measures a service with its own method, path, body and statuses over https, and keeps its token to itself', async () => {
  const { certificateFile, runIn } = await orders();
  const folder = testFolder();
  const { code, stdout, stderr } = await runIn(folder, {
    NODE_EXTRA_CA_CERTS: certificateFile,
    ORDERS_TOKEN: secret,
  });
  expect([code, stderr]).toEqual([exitCodes.held, expect.any(String)]);
  const files = filesIn(folder);
  const textOf = (name: string) => readFileSync(files.find((file) => file.endsWith(name))!, 'utf8');
  const { variants } = JSON.parse(textOf('/result.json')) as Result;
  expect(variants).toMatchObject([{ offered: 60, outcomes: { ok: 60 }, effects: { distinct: 60 } }]);
  expect(variants[0]?.ledger.balanced).toBe(true);
  expect(textOf('/report.html')).toContain('Bearer {env:ORDERS_TOKEN}');
  expect(textOf('/report.html')).toContain('Not simulated: a testbed that was attached');
  expect(holding(folder, secret)).toEqual([]);
  expect(stdout + stderr).not.toContain(secret);
});

test('run shows no token that the service repeats when it refuses it', async () => {
  const { runIn } = await orders();
  const folder = testFolder();
  const wrong = 'hunter-3/orders';
  const insecure = example().replace('success: [201]', 'success: [201]\n  insecure: true');
  const { code, stdout, stderr } = await runIn(folder, { ORDERS_TOKEN: wrong }, insecure);
  expect(code).toBe(exitCodes.failed);
  expect(stdout.replaceAll(/\s+/g, ' ')).toContain('401: {env:ORDERS_TOKEN} is unknown');
  expect(holding(folder, 'hunter')).toEqual([]);
  expect(stdout + stderr).not.toContain('hunter');
});
