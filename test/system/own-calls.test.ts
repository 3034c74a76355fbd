import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { exitCodes } from '#lab/errors/exit-codes.ts';
import { testFolder } from '#test/support/folder.ts';
import { resultIn } from '#test/support/small-run.ts';
import { startSpillway } from '#test/support/spillway.ts';
import { sharedUp } from '#test/support/up.ts';

const up = sharedUp();

/** The example, shortened, and with wide limits of validity, since the tests compare only counts. */
const example = readFileSync(fileURLToPath(new URL('../fixtures/own/shop.yaml', import.meta.url)), 'utf8')
  .replace(/(lagP99Ms|sleepExcessP99Ms|stallMs): 50$/gm, '$1: 5000')
  .replace(/^load:/m, 'warmup: { requests: 25 }\nload:')
  .replace('deadlineMs: 2000', 'deadlineMs: 10000')
  .replace('drainMs: 2000', 'drainMs: 10000')
  .replace('forMs: 4000', 'forMs: 1000');

/** Runs an experiment with the shop in the gateway's place. */
async function runWithShop(text: string) {
  const { urls, natsCredentials, traffic, own } = await up();
  const gateway = `http://127.0.0.1:${await own('shop.ts', { STOCK_URL: traffic.downstream })}`;
  const { 'gateway-control': _, ...others } = urls;
  const given = Object.entries({ ...others, gateway }).flatMap(([part, url]) => ['--url', `${part}=${url}`]);
  const folder = testFolder();
  writeFileSync(join(folder, 'shop.yaml'), text);
  const ended = await startSpillway(['run', '--no-predict', '--engine', 'attach', ...given, 'shop.yaml'], {
    folder,
    env: { SPILLWAY_NATS_CREDENTIALS: natsCredentials },
  }).ended();
  return { ...ended, result: () => resultIn(join(folder, 'runs'), 'shop') };
}

test('run links the calls of an unchanged service to its requests, by path and by trace', async () => {
  const { code, stdout, stderr, result } = await runWithShop(example);
  expect([code, stdout, stderr]).toEqual([exitCodes.held, expect.any(String), expect.any(String)]);
  const counts = { offered: 60, outcomes: { ok: 60 }, effects: { distinct: 60 }, attempts: 60 };
  const ledger = { balanced: true };
  expect(result().variants).toMatchObject([
    { name: 'by-path', ...counts, ledger },
    { name: 'by-trace', ...counts, ledger },
  ]);
});
