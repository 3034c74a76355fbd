import { spawnSync } from 'node:child_process';
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bundleIn, nodeArguments } from '#lab/world/process/bundle.ts';
import { testFolder } from '#test/support/folder.ts';

describe('the bundle', () => {
  test('is built once per content', () => {
    const cache = testFolder();
    const first = bundleIn(cache)!;
    const builtAtMs = statSync(first).mtimeMs;
    expect(bundleIn(cache)).toBe(first);
    expect(statSync(first).mtimeMs).toBe(builtAtMs);
    expect(readdirSync(cache)).toHaveLength(1);
  });

  test('is done without where it can’t be written', () => {
    const file = join(testFolder(), 'file');
    writeFileSync(file, '');
    expect(bundleIn(file)).toBeUndefined();
  });

  test('is what the processes of this checkout run from, with stacks that name the sources', () => {
    const args = nodeArguments('gateway');
    expect(args.at(-1)).toMatch(/gateway\.js$/);
    const env = { CONFIG: '{"unknown":1}', DOWNSTREAM_URL: 'http://127.0.0.1:1' };
    const { stdout } = spawnSync(process.execPath, args, { env, encoding: 'utf8' });
    const { err } = JSON.parse(stdout);
    expect(err.message).toContain('unknown field');
    expect(err.stack).toMatch(/services\/gateway\/gateway\.ts:\d+:\d+/);
    expect(err.stack).not.toContain('gateway.js');
  });
});
