import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Report } from '#load/protocol.ts';

const main = fileURLToPath(new URL('../../load/main.ts', import.meta.url));

/** The generator's process, and a server that never answers. */
async function start() {
  const server = createServer((socket) => socket.on('error', () => undefined));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const child = spawn(process.execPath, [main], { stdio: ['pipe', 'pipe', 'inherit'] });
  const reports: Report[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => reports.push(JSON.parse(line)));
  const ended = new Promise((resolve) => child.once('close', (code, signal) => resolve(signal ?? code)));
  onTestFinished(async () => {
    server.close();
    child.kill('SIGKILL');
    await ended;
  });
  const { port } = server.address() as { port: number };
  const run = {
    do: 'run',
    path: 'rpc',
    url: `http://127.0.0.1:${port}`,
    connections: 10,
    seed: 1,
    deadlineMs: 1000,
    drainMs: 60_000,
    recordFile: '/dev/null',
    load: [{ arrivals: { kind: 'constant', ratePerSecond: 10, forMs: 60_000 } }],
  };
  const heard = (kind: Report['report']) =>
    vi.waitUntil(() => reports.find(({ report }) => report === kind), { timeout: 30_000 });
  return { child, reports, ended, heard, run: () => child.stdin.write(`${JSON.stringify(run)}\n`) };
}

describe("the generator's process", () => {
  test('ends when its stdin does', async () => {
    const { child, ended, heard } = await start();
    await heard('listening');
    child.stdin.end();
    expect(await ended).toBe(0);
  });

  test.each(['SIGTERM', 'SIGINT', 'end of stdin'] as const)(
    '%s in the middle of a run: reports what was measured, and ends',
    async (how) => {
      const { child, reports, ended, heard, run } = await start();
      run();
      await heard('progress');
      if (how === 'end of stdin') child.stdin.end();
      else child.kill(how);
      expect(await ended).toBe(0);
      expect(reports.at(-1)).toMatchObject({ report: 'done', planned: 600 });
    },
  );

  test('a command that it does not understand is reported, and does not end it', async () => {
    const { child, ended, heard, run } = await start();
    child.stdin.write('{"do":"jump"}\n');
    expect(await heard('error')).toEqual({
      report: 'error',
      name: 'generator-error',
      message: '/do: expected do to be one of warm, run, stop, got "jump"',
    });
    run();
    await heard('progress');
    child.stdin.end();
    expect(await ended).toBe(0);
  });

  test('ends when its reader has closed', async () => {
    const { child, ended, heard, run } = await start();
    run();
    await heard('progress');
    child.stdout.destroy();
    expect(await ended).toBe(0);
  });
});
