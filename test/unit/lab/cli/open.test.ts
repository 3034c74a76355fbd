import type { spawn } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { resolve } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import { VirtualClock } from '#kit/virtual-clock.ts';
import { openFile } from '#lab/cli/open.ts';

const start = vi.fn();
let child: EventEmitter;
beforeEach(() => {
  child = Object.assign(new EventEmitter(), { unref: vi.fn() });
  start.mockReset().mockReturnValue(child);
});

const open = (platform: NodeJS.Platform = 'linux', clock = new VirtualClock()) =>
  openFile('a b&c.html', { platform, clock, start: start as unknown as typeof spawn });

test.each([
  ['linux', 'xdg-open', []],
  ['freebsd', 'xdg-open', []],
  ['darwin', 'open', []],
  ['win32', 'cmd', ['/c', 'start', '']],
] as const)(
  'openFile on %s runs %s with the file, detached and without a shell',
  async (platform, program, args) => {
    const opened = open(platform);
    child.emit('exit', 0, null);
    expect(await opened).toBeUndefined();
    expect(start.mock.calls).toEqual([
      [program, [...args, resolve('a b&c.html')], { detached: true, stdio: 'ignore' }],
    ]);
  },
);

test.each([
  [
    'a missing program',
    'error',
    [Object.assign(new Error('spawn'), { code: 'ENOENT' })],
    'xdg-open is missing',
  ],
  [
    'a refusal',
    'error',
    [Object.assign(new Error('spawn'), { code: 'EACCES' })],
    'xdg-open: permission denied',
  ],
  ['a failure', 'exit', [3, null], 'xdg-open ended with 3'],
  ['a signal', 'exit', [null, 'SIGKILL'], 'xdg-open ended with SIGKILL'],
])('openFile resolves with the reason of %s', async (_what, event, args, reason) => {
  const opened = open();
  child.emit(event, ...args);
  expect(await opened).toBe(reason);
});

test('openFile waits for no browser', async () => {
  const clock = new VirtualClock();
  const opened = open('linux', clock);
  await clock.run();
  expect(await opened).toBeUndefined();
  expect(clock.now()).toBe(2000);
});
