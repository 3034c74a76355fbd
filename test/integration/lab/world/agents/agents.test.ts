import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '#kit/clock.ts';
import { Agents } from '#lab/world/agents/agents.ts';
import { type Connect, Generator } from '#lab/world/agents/generator.ts';
import { Generator as OwnGenerator } from '#load/generator.ts';
import { recordHeader } from '#load/protocol.ts';
import { testFolder } from '#test/support/folder.ts';
import { reply, serve, until } from '#test/support/http-server.ts';

/** Connects to a generator in this process. `change` may change or drop a line that the generator reports. */
const inProcess =
  (change: (line: string) => string | undefined = (line) => line): Connect =>
  (onLine) => {
    const generator = new OwnGenerator({
      clock: systemClock,
      report(report) {
        const line = change(JSON.stringify(report));
        if (line !== undefined) onLine(line);
      },
    });
    const stop = () => generator.close();
    onTestFinished(stop);
    return { send: (line) => void generator.handle(line), lost: new Promise(() => undefined), stop };
  };

const agentsOf = (...connects: Connect[]) =>
  new Agents(
    connects.map((connect, index) => {
      const name = `a${index}`;
      return { name, generator: new Generator(connect, { agent: name }) };
    }),
  );

const commands = (url: string) => {
  const recordFile = join(testFolder(), 'requests.csv');
  const target = { path: 'rpc' as const, url, connections: 7 };
  const load = [{ arrivals: { kind: 'poisson' as const, ratePerSecond: 300, forMs: 800 } }];
  const run = {
    ...target,
    connections: 240,
    seed: 3,
    deadlineMs: 60_000,
    drainMs: 60_000,
    classes: {},
    load,
    recordFile,
  };
  return { warm: { ...target, requests: 10, concurrency: 3 }, run };
};

/** Answers some requests with a failure, which depends on their id alone. */
const fateful = () =>
  serve(({ id, response }) => reply(response, Number(id.slice(1)) % 7 === 3 ? 502 : 200, {}, 1));

/** Returns index, scheduled time, outcome, status and attempts of each request in the record. */
const endsIn = (file: string) => {
  const [header, ...lines] = readFileSync(file, 'utf8').trimEnd().split('\n');
  expect(header).toBe(recordHeader);
  return lines
    .map((line) => line.split(','))
    .map(([index, scheduledAtMs, , , ...rest]) => [Number(index), scheduledAtMs, ...rest])
    .sort(([a], [b]) => Number(a) - Number(b));
};

describe('Agents', () => {
  test('offer the requests of a single generator, with the same counts, outcomes and scheduled times', async () => {
    const { url } = await fateful();
    const [one, three] = [commands(url), commands(url)];
    const single = await new Generator(inProcess()).run(one.run);
    const merged = await agentsOf(inProcess(), inProcess(), inProcess()).run(three.run);
    const { offered, planned, outcomes, inFlight, accepted } = merged;
    expect(single).toMatchObject({ offered, planned, outcomes, inFlight, accepted });
    expect(offered).toBeGreaterThan(100);
    expect(endsIn(three.run.recordFile)).toEqual(endsIn(one.run.recordFile));
    const count = single.firstErrors.failed![0]!.count;
    expect(merged.firstErrors.failed).toMatchObject([{ count }]);
  });

  test('divide connections, and the requests of a warm-up under ids of their own', async () => {
    const asked: string[] = [];
    const server = await serve(({ id, response }) => {
      asked.push(id);
      reply(response, 200);
    });
    const agents = agentsOf(inProcess(), inProcess());
    const { warm } = commands(server.url);
    expect(await agents.warm(warm)).toEqual({ unfinished: 0, firstErrors: {} });
    await agents.warm(warm);
    expect(server.connects).toBe(7);
    expect(new Set(asked).size).toBe(20);
    expect(asked).toHaveLength(20);
  });
});

describe('Agents, in trouble', () => {
  test('refuse a record that lacks a line, and name the agent', async () => {
    const { url } = await fateful();
    const lose = (line: string) => (/"report":"lines"/.test(line) ? line.replace(/[^"]*?\\n/, '') : line);
    await expect(agentsOf(inProcess(), inProcess(lose)).run(commands(url).run)).rejects.toMatchObject({
      name: 'record-incomplete',
      message: expect.stringMatching(
        /^load agent a1: expected a line .* for each of (\d+) requests, got \d+$/,
      ),
    });
  });

  test('reject with the reason and the name of an agent that fails', async () => {
    const { url } = await fateful();
    const { run } = commands(url);
    const broken = (line: string) =>
      line.includes('"ready"') ? '{"report":"error","name":"generator-error","message":"no"}' : line;
    await expect(agentsOf(inProcess(), inProcess(broken)).run(run)).rejects.toMatchObject({
      name: 'generator-error',
      message: 'load agent a1: no',
    });
  });

  test('reject a record that cannot be written', async () => {
    const { url } = await fateful();
    const run = { ...commands(url).run, recordFile: '/nowhere/x.csv' };
    await expect(agentsOf(inProcess(), inProcess()).run(run)).rejects.toMatchObject({
      message: expect.stringContaining('cannot write the record /nowhere/x.csv'),
    });
  });
});

describe('Generator with a share', () => {
  test('a start in the past is an error', async () => {
    const { url } = await fateful();
    const generator = new Generator(inProcess(), { agent: 'a' });
    const { recordFile: _, ...run } = commands(url).run;
    const running = generator.run(
      { ...run, share: { index: 0, of: 2 } },
      { ready: () => generator.start(0) },
    );
    await expect(running).rejects.toMatchObject({
      message: expect.stringMatching(/^load agent a: the command to start came [\d.]+ ms too late$/),
    });
  });

  test('stop ends a run that waits for its start, which then offers nothing', async () => {
    const server = await fateful();
    const reports: string[] = [];
    let nowMs = 0;
    // As on a machine so busy that the first requests are due before the run notices that it is stopped.
    const clock = { ...systemClock, now: () => (nowMs += 1000) };
    const own = new OwnGenerator({ clock, report: ({ report }) => reports.push(report) });
    const { recordFile: _, ...run } = commands(server.url).run;
    const running = own.handle(JSON.stringify({ do: 'run', ...run, share: { index: 1, of: 2 } }));
    await until(() => reports.includes('ready'));
    await own.close();
    await running;
    expect(reports).toEqual(['ready', 'started', 'ended']);
  });
});
