import { execFileSync } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { systemClock } from '#kit/clock.ts';
import { requestId } from '#kit/wire.ts';
import { variantFolder } from '#lab/evidence/folder.ts';
import { recordHeader } from '#load/protocol.ts';
import { writeRun } from '#test/fixtures/evidence.ts';
import { type Truth, truthful } from '#test/unit/lab/judge/ledger/truthful.ts';
import { type Bench, benchFolder, figure, median } from './figure.ts';

const audit = fileURLToPath(new URL('audit.ts', import.meta.url));
const rounds = 3;

/** Measures time and memory of the analysis of a million requests, and the memory beyond that of ten thousand. */
export const bench: Bench = async (say) => {
  const peaks = [];
  let seconds = 0;
  for (const size of [10_000, 1_000_000]) {
    using folder = benchFolder();
    const own = variantFolder(folder.path, 'rpc');
    writeRun(folder.path, [truthOf(size), truthful('event', ['ok'])]);
    await write(join(own, 'requests.csv'), recordOf(size));
    await write(join(own, 'effects.ndjson'), effectsOf(size));
    const bytes = [];
    const beganAtMs = systemClock.now();
    for (let round = 0; round < rounds; round++) bytes.push(peakBytes(folder.path));
    seconds = (systemClock.now() - beganAtMs) / 1000 / rounds;
    peaks.push(median(bytes));
    say(`${size} requests: ${(peaks.at(-1)! / 1024 ** 2).toFixed(0)} MB, ${seconds.toFixed(1)} s`);
  }
  const growthMb = (peaks[1]! - peaks[0]!) / 1024 ** 2;
  return [
    figure('memory of the analysis of 10⁶ requests', peaks[1]! / 1024 ** 2, 'MB', { atMost: 400 }),
    figure('time of the analysis of 10⁶ requests', seconds, 's', { atMost: 20 }),
    figure('memory of the analysis, 10⁶ requests beyond 10⁴', growthMb, 'MB', { atMost: 64 }),
  ];
};

const peakBytes = (folder: string): number => Number(execFileSync(process.execPath, [audit, folder]));

/** Returns the counts of a run in which all calls were answered. */
function truthOf(size: number): Truth {
  const truth = truthful('rpc', ['ok']);
  truth.counters.gateway.ok = size;
  truth.counters.effects.waiting = size;
  truth.counters.attempts = { gateway: size, consumer: 0, downstream: size };
  return { ...truth, summary: { ...truth.summary, startedAtMs: 0, planned: size, offered: size } };
}

/** Yields the lines of a request record: one request per millisecond, each answered 10 ms later. */
function* recordOf(size: number): Iterable<string> {
  yield recordHeader;
  for (let index = 0; index < size; index++) yield `${index},${index}.000,0.123,10.456,ok,200,1`;
}

function* effectsOf(size: number): Iterable<string> {
  for (let index = 0; index < size; index++) {
    const effect = { id: requestId(index), attempt: 1, atMs: index + 9.876, gone: false, duplicate: false };
    yield JSON.stringify(effect);
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
