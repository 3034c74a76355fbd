import { describe, expect, test } from 'vitest';
import { parseCommand } from '#load/commands.ts';

const target = { path: 'rpc', url: 'http://127.0.0.1:4100', connections: 10 };
const warm = { do: 'warm', ...target, requests: 100, concurrency: 10 };
const run = {
  do: 'run',
  ...target,
  seed: 7,
  deadlineMs: 2000,
  drainMs: 500,
  recordFile: 'record.csv',
  classes: { slow: 0.1 },
  load: [{ arrivals: { kind: 'constant', ratePerSecond: 10, forMs: 1000 } }],
};

describe('parseCommand', () => {
  test.each([
    warm,
    run,
    { do: 'stop' },
    { ...warm, path: 'event', natsUrl: 'nats://127.0.0.1:4222' },
    { ...warm, url: 'http://127.0.0.1:4100,http://127.0.0.1:4101' },
    { ...warm, url: 'https://x' },
    { ...warm, request: { method: 'GET', path: '/{id}', headers: {}, insecure: false } },
  ])('takes $do over $path', (command) => {
    expect(parseCommand(JSON.stringify(command))).toEqual(command);
  });

  test.each([
    ['no JSON', 'warm', 'value: expected a command as JSON, got warm'],
    ['an empty line', '', 'value: expected a command as JSON, got '],
    ['no object', '7', 'value: expected object, got 7'],
    ['no command', '{}', 'value: missing required field do, expected one of warm, run, stop'],
    ['another command', '{"do":"jump"}', '/do: unknown do "jump", expected one of warm, run, stop'],
  ])('refuses %s', (_what, line, message) => {
    expect(() => parseCommand(line)).toThrow(message);
  });

  test.each([
    ['another path', { ...warm, path: 'mail' }, '/path: unknown value "mail", expected one of rpc, event'],
    ['another protocol', { ...warm, url: 'ftp://x' }, '/url: expected a text that matches'],
    ['one replica of another', { ...warm, url: 'http://x,https://y' }, '/url: expected a text that'],
    ['a request that can not be sent', { ...warm, request: { path: 'x' } }, '/request/path: expected a path'],
    [
      'a variable that is not set',
      { ...warm, request: { path: '/{env:SPILLWAY_TEST_UNSET}' } },
      '/request/path: the environment variable SPILLWAY_TEST_UNSET is not set',
    ],
    ['no connection', { ...warm, connections: 0 }, '/connections: expected a number >= 1, got 0'],
    ['an unknown field', { ...warm, rate: 1 }, '/rate: unknown field'],
    ['events without a broker', { ...warm, path: 'event' }, 'value: missing required field natsUrl'],
    ['an empty load', { ...run, load: [] }, '/load: expected a list of length >= 1, got 0'],
    [
      'a load that contradicts itself',
      { ...run, load: [{ arrivals: { kind: 'bursts', total: 2, size: 1, everyMs: 5, spreadMs: 6 } }] },
      '/load/0/arrivals/spreadMs: expected a number <= everyMs, 5, got 6',
    ],
  ])('refuses %s and says where it is', (_what, command, message) => {
    expect(() => parseCommand(JSON.stringify(command))).toThrow(message);
  });

  test('names all problems at once', () => {
    const command = { ...run, seed: 'x', drainMs: -1 };
    expect(() => parseCommand(JSON.stringify(command))).toThrow(/\/seed: .*\/drainMs: /);
  });
});
