import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { stallCheck } from '#lab/result/facts.ts';
import { engines } from '#lab/testbed/engines.ts';
import { maySkip } from '#test/support/may-skip.ts';
import { runText } from '#test/support/run-text.ts';
import { sharedUp } from '#test/support/up.ts';

const up = sharedUp();

const text = readFileSync(new URL('../fixtures/own/stock.yaml', import.meta.url), 'utf8')
  // Lets a busy machine pass, since only the judging matters here.
  .replace(/(lagP99Ms|sleepExcessP99Ms|stallMs): 50$/gm, '$1: 1000')
  .replace('forMs: 4000', 'forMs: 1500');
const hasPython = spawnSync('python3', ['--version']).status === 0;

const servers: [what: string, name: string, env: Record<string, string>][] = [
  ["Python's server, HTTP/1.0 and one connection at a time", 'gateway.py', {}],
  ["Python's threaded server", 'gateway.py', { THREADS: '1' }],
  ["Node's server", 'gateway.ts', { TRIES: '1' }],
  ['a server that closes connections and answers in chunks', 'closing-gateway.ts', {}],
];

test.for(servers)('attach judges %s at the first try', async ([, name, env], { skip }) => {
  if (name.endsWith('.py') && !hasPython && maySkip()) skip('python3 is not installed');
  const { urls, natsCredentials, traffic, own } = await up();
  const port = await own(name, { DOWNSTREAM_URL: traffic.downstream, ...env });
  const { 'gateway-control': _, ...others } = urls;
  const engine = engines.attach({
    urls: { ...others, gateway: `http://127.0.0.1:${port}` },
    ownConsumer: false,
    natsCredentials,
  });
  const { status, errors, validity, variants } = await runText(text, engine.start);
  expect(errors).toEqual([]);
  // A busy machine may stand still in the middle.
  expect(validity.filter(({ ok, name }) => !ok && name !== stallCheck)).toEqual([]);
  // A busy machine may make a call fail, but none is without an answer.
  expect(variants[0]?.outcomes.unknown).toBe(0);
  expect(status).toBe('held');
});
