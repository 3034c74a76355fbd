import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exitCodes } from '#lab/kit/errors/exit-codes.ts';
import { selfSigned } from '#test/support/certificate.ts';
import { measuredIn } from '#test/support/figures.ts';
import { testFolder } from '#test/support/folder.ts';
import { resultIn } from '#test/support/small-run.ts';
import { startSpillway } from '#test/support/spillway.ts';
import { ownExample, sharedUp, urlFlags } from '#test/support/up.ts';

const up = sharedUp();
const secret = 'hunter-2/orders';

/** Returns the paths of all files of the runs in a folder. */
const filesIn = (folder: string) =>
  readdirSync(join(folder, 'runs'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));

const holding = (folder: string, text: string) =>
  filesIn(folder).filter((file) => readFileSync(file, 'latin1').includes(text));

/** Runs an experiment with the service at `url` in the gateway's place, in a new folder. */
async function runWith(url: string, text: string, env: NodeJS.ProcessEnv = {}) {
  const { urls, natsCredentials } = await up();
  const folder = testFolder();
  const { 'gateway-control': _, ...others } = urls;
  const given = urlFlags({ ...others, gateway: url });
  writeFileSync(join(folder, 'own.yaml'), text);
  const { code, stdout, stderr } = await startSpillway(
    ['run', '--verbose', '--engine', 'attach', ...given, 'own.yaml'],
    { folder, env: { SPILLWAY_NATS_CREDENTIALS: natsCredentials, ...env } },
  ).ended();
  return { folder, code, said: stdout + stderr, result: () => resultIn(join(folder, 'runs'), 'own') };
}

/** Starts the service with its own API, over https. */
async function orders() {
  const { traffic, own } = await up();
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
  return { url: `https://localhost:${port}`, certificateFile };
}

const counts = {
  offered: 30,
  ok: 30,
  effects: 30,
  attempts: 30,
  ledger: { balanced: true },
};

test('run measures a service with its own method, path, body and statuses over https, and keeps its token to itself', async () => {
  const { url, certificateFile } = await orders();
  const { folder, code, said, result } = await runWith(
    url,
    ownExample('orders').replace('forMs: 4000', 'forMs: 500'),
    {
      NODE_EXTRA_CA_CERTS: certificateFile,
      ORDERS_TOKEN: secret,
    },
  );
  expect([code, said]).toEqual([exitCodes.held, expect.any(String)]);
  expect(measuredIn(result())).toMatchObject([counts]);
  const page = readFileSync(filesIn(folder).find((file) => file.endsWith('/report.html'))!, 'utf8');
  expect(page).toContain('Bearer {env:ORDERS_TOKEN}');
  expect(page).toContain('Not simulated: a testbed that was attached');
  expect(holding(folder, secret)).toEqual([]);
  expect(said).not.toContain(secret);
});

test('run links the calls of an unchanged service to its requests, by path and by trace', async () => {
  const { traffic, own } = await up();
  const shop = `http://127.0.0.1:${await own('shop.ts', { STOCK_URL: traffic.downstream })}`;
  const { code, said, result } = await runWith(shop, ownExample('shop').replace('forMs: 4000', 'forMs: 500'));
  expect([code, said]).toEqual([exitCodes.held, expect.any(String)]);
  expect(measuredIn(result())).toMatchObject([
    { name: 'by-path', ...counts },
    { name: 'by-trace', ...counts },
  ]);
});
