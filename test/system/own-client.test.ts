import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { measuredIn } from '#test/support/figures.ts';
import { testFolder } from '#test/support/folder.ts';
import { folderIn, resultIn } from '#test/support/small-run.ts';
import { startSpillway } from '#test/support/spillway.ts';

const modules = {
  twice: `export default ({ send }) => ({ signal }) => send(signal).catch(() => send(signal));`,
  /** Refuses every other request. */
  half: `export default ({ send }) => {
    let calls = 0;
    return async ({ signal }) => {
      calls += 1;
      if (calls % 2 === 0) throw new Error('every other one');
      return send(signal);
    };
  };`,
  /** Has its own HTTP, and refuses every other request. */
  own: `export default ({ url }) => {
    let calls = 0;
    return async ({ body, signal }) => {
      calls += 1;
      if (calls % 2 === 0) throw new Error('every other one');
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body), signal });
      if (!answer.ok) throw new Error(String(answer.status));
      return answer.json();
    };
  };`,
  unhandled: `export default () => async ({ id }) => { if (id === 'r5') Promise.reject(new Error('forgotten')); };`,
  /** Blocks its event loop without using CPU time, which other tests need. */
  endless: `const never = new Int32Array(new SharedArrayBuffer(4));
export default () => async ({ id }) => { if (id === 'r5') Atomics.wait(never, 0, 0); };`,
  nothing: `export default {};`,
};

/** Gateway that calls the replicas of the dependency in turn. */
const server = `import { createServer, request } from 'node:http';
const [config] = process.argv.slice(2);
const { default: { port, replicas } } = await import(config);
let turn = 0;
createServer((asked, reply) => {
  const [host, at] = replicas[turn++ % replicas.length].split(':');
  const call = request({ host, port: at, method: 'POST', path: '/work', headers: asked.headers }, (answer) => {
    reply.writeHead(answer.statusCode, answer.headers);
    answer.pipe(reply);
  });
  call.on('error', () => reply.writeHead(502).end());
  asked.pipe(call);
}).listen(port, '127.0.0.1', () => console.log('it listens'));`;
const template = `export default {
  port: {{port}},
  replicas: [
    '{{dependency}}',
  ],
};`;

/** Runs an experiment with these variants, in a folder with all modules. */
async function run(variants: string, deadlineMs = 20_000, flags = ['--no-predict']) {
  const folder = testFolder();
  for (const [name, text] of Object.entries(modules)) writeFileSync(join(folder, `${name}.ts`), text);
  writeFileSync(join(folder, 'server.mjs'), server);
  writeFileSync(join(folder, 'replicas.mjs'), template);
  const text = `title: Clients
deadlineMs: ${deadlineMs}
drainMs: ${deadlineMs}
connections: 50
warmup: { requests: 10, concurrency: 5 }
load: [{ arrivals: { kind: constant, ratePerSecond: 50, forMs: 600 } }]
downstream: { model: { kind: fixed, latencyMs: 5 } }
validity: { lagP99Ms: 60000, stallMs: 60000, faultDelayMs: 60000, sleepExcessP99Ms: 60000, reason: clients are tested and not the machine }
variants:
${variants}`;
  writeFileSync(join(folder, 'clients.yaml'), text);
  const { code, stdout, stderr } = await startSpillway(['run', ...flags, 'clients.yaml'], {
    folder,
  }).ended();
  return { code, said: stdout + stderr, folder, result: () => resultIn(join(folder, 'runs'), 'clients') };
}

test('run conducts clients of the user beside policies, on both paths, and counts what their calls became', async () => {
  const { code, said, result } = await run(`  policies: { path: rpc, policies: [{ timeout: { ms: 20000 } }] }
  half: { path: rpc, client: ./half.ts }
  own: { path: rpc, client: ./own.ts }
  policies-again: { path: rpc }
  events: { path: event, client: ./twice.ts }
  own-events: { path: event, client: ./own.ts, consumer: { redelivery: { maxRetries: 50, backoff: { kind: constant, delayMs: 1 } } } }
`);
  expect(code, said).toBe(0);
  const all = measuredIn(result());
  expect(all.map(({ name, ledger }) => [name, ledger.balanced])).toEqual(all.map(({ name }) => [name, true]));
  const counts = all.map(({ name, ok, rejected, attempts }) => [name, { ok, rejected, attempts }]);
  const completed = { ok: 30, rejected: 0, attempts: 30 };
  expect(Object.fromEntries(counts)).toMatchObject({
    policies: completed,
    half: { ok: 15, rejected: 15, attempts: 15 },
    own: { ok: 15, rejected: 15, attempts: 15 },
    'policies-again': completed,
    events: completed,
    'own-events': completed,
  });
}, 120_000);

test('run says why clients are broken, and judges and simulates the other variants', async () => {
  const { code, said, result } = await run(
    `  unhandled: { path: rpc, client: ./unhandled.ts }
  events: { path: event }
  nothing: { path: event, client: ./nothing.ts }
  endless: { path: rpc, client: ./endless.ts }
  policies: { path: rpc }
hypothesis: ['offered(events) == 30', 'offered(policies) == 30', 'ok(endless) > 0']
`,
    1000,
    [],
  );
  expect(code, said).toBe(1);
  const { errors, hypotheses, variants, simulations } = result();
  expect(errors).toMatchObject([
    {
      variant: 'unhandled',
      message: expect.stringMatching(
        /^gateway, which ran .*unhandled.ts, ended with exit code 1: crashed: forgotten/,
      ),
    },
    {
      variant: 'nothing',
      message: expect.stringContaining('to export a function as default, got object'),
    },
    { variant: 'endless', message: expect.stringContaining('endless.ts may block its event loop') },
  ]);
  expect(hypotheses.map(({ ok }) => ok)).toEqual([true, true, null]);
  expect(variants.map(({ name }) => name)).toEqual(['events', 'policies']);
  expect(simulations?.variants.map(({ name }) => name)).toEqual(['events', 'policies']);
}, 120_000);

test('run starts a server of the user in the gateway’s place, kills and pauses it, and keeps its log', async () => {
  const { code, said, folder, result } = await run(`  policies: { path: rpc }
  server: { path: rpc, command: [node, ./server.mjs, '{{./replicas.mjs}}'] }
  events: { path: event }
replicas: { downstream: 2 }
faults:
  - { name: crash, atMs: 100, forMs: 50, target: gateway, fault: { kind: kill } }
  - { name: halt, atMs: 300, forMs: 50, target: gateway, fault: { kind: pause } }
`);
  expect(code, said).toBe(0);
  const { variants } = result();
  expect(variants.map(({ ledger }) => ledger.balanced)).toEqual([true, true, true]);
  const [, server] = measuredIn(result());
  expect(server?.ok).toBeGreaterThan(0);
  expect(server?.attempts).toBeGreaterThanOrEqual(server?.ok ?? 0);
  const log = readFileSync(join(folderIn(join(folder, 'runs'), 'clients'), 'logs', 'gateway.log'), 'utf8');
  expect(log.split('it listens')).toHaveLength(3); // at its start, and after the kill
}, 120_000);
