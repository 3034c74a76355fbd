import { execFileSync } from 'node:child_process';
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { requestId } from '#kit/wire.ts';
import { recordHeader } from '#load/protocol.ts';
import { type Bench, median } from './figure.ts';

const audit = fileURLToPath(new URL('audit.ts', import.meta.url));
const rounds = 3;

/** How the memory of the lab's audit grows from ten thousand requests to a million. */
export const bench: Bench = async (say) => {
  const peaks = [];
  for (const size of [10_000, 1_000_000]) {
    const folder = mkdtempSync(join(tmpdir(), 'spillway-bench-'));
    await write(join(folder, 'requests.csv'), recordOf(size));
    await write(join(folder, 'effects.ndjson'), effectsOf(size));
    const bytes = [];
    for (let round = 0; round < rounds; round++) bytes.push(peakBytes(folder, size));
    rmSync(folder, { recursive: true });
    peaks.push(median(bytes));
    say(`${size} requests: ${(peaks.at(-1)! / 1024 ** 2).toFixed(0)} MB`);
  }
  const growthMb = (peaks[1]! - peaks[0]!) / 1024 ** 2;
  return [
    {
      name: 'memory of the audit, 10⁶ requests beyond 10⁴',
      value: growthMb,
      unit: 'MB',
      target: { atMost: 64 },
    },
  ];
};

const peakBytes = (folder: string, size: number): number =>
  Number(execFileSync(process.execPath, [audit, folder, String(size)]));

/** One request a millisecond, each answered 10 ms later. */
function* recordOf(size: number): Iterable<string> {
  yield recordHeader;
  for (let index = 0; index < size; index++) yield `${index},${index}.000,0.123,10.456,ok,200,1`;
}

function* effectsOf(size: number): Iterable<string> {
  for (let index = 0; index < size; index++) {
    yield JSON.stringify({
      id: requestId(index),
      attempt: 1,
      atMs: index + 9.876,
      gone: false,
      duplicate: false,
    });
  }
}

async function write(file: string, lines: Iterable<string>): Promise<void> {
  await pipeline(Readable.from(inChunks(lines)), createWriteStream(file));
}

function* inChunks(lines: Iterable<string>): Iterable<string> {
  let chunk = '';
  for (const line of lines) {
    chunk += `${line}\n`;
    if (chunk.length < 64 * 1024) continue;
    yield chunk;
    chunk = '';
  }
  yield chunk;
}
