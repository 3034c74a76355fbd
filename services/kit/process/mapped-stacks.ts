import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

// This module is loaded with `--import` by processes that run from a bundle. Node's --enable-source-maps would read all
// source maps at the start. This module reads a source map only when a stack trace needs it.

const maps = new Map<string, SourceMap | undefined>();

Error.prepareStackTrace = (error, frames) =>
  [
    Error.prototype.toString.call(error),
    ...frames.map(
      (frame) => `    at ${String(frame).replace(/(file:\/\/\S+?):(\d+):(\d+)(?=\)?$)/, toSource)}`,
    ),
  ].join('\n');

/**
 * Converts a position in the bundle to the position in its source. Returns `place` unchanged if the file has no map.
 */
function toSource(place: string, url: string, line: string, column: string): string {
  const file = fileURLToPath(url);
  if (!maps.has(file)) maps.set(file, readMap(file));
  const entry = maps.get(file)?.findEntry(Number(line) - 1, Number(column) - 1);
  if (!entry || !('originalSource' in entry)) return place;
  const source = resolve(dirname(file), entry.originalSource);
  return `${source}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
}

function readMap(file: string): SourceMap | undefined {
  try {
    return new SourceMap(JSON.parse(readFileSync(`${file}.map`, 'utf8')));
  } catch {
    return undefined; // a file of Node or of a package
  }
}
