import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { clockId } from '#kit/process/clock-id.ts';

test('clockId names the boot and the time namespace on Linux, and is missing elsewhere', () => {
  if (process.platform !== 'linux') return expect(clockId).toBeUndefined();
  const [boot, ...namespace] = clockId!.split(' ');
  expect(boot).toBe(readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
  expect(namespace.join(' ')).toMatch(/^(time:\[\d+\])?$/);
});
