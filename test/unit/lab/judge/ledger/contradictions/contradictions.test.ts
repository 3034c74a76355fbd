import { describe, expect, test } from 'vitest';
import type { Outcome } from '#kit/wire.ts';
import { measure } from '#lab/judge/measure.ts';
import { readObservation } from '#lab/judge/observation/read-observation.ts';
import { sourceIn, stored, writeVariant } from '#test/fixtures/evidence.ts';
import { testFolder } from '#test/support/folder.ts';
import { type Truth, truthful } from '../truthful.ts';
import { calls, events, rowsOf } from './edits.ts';
import { onRpc } from './of-calls.ts';
import { onEvents } from './of-events.ts';
import { onBoth } from './on-both.ts';

/** Writes consistent evidence that `edit` has changed, and returns the names of the ledger checks that fail. */
async function failingIn(
  path: 'rpc' | 'event',
  outcomes: readonly Outcome[],
  edit: (truth: Truth) => void,
): Promise<string[]> {
  const truth = truthful(path, outcomes);
  edit(truth);
  const folder = testFolder();
  writeVariant(folder, truth);
  const observed = await readObservation(stored.experiment, sourceIn(folder, path));
  const { balanced, checks } = measure(stored.experiment, observed, [100]).variant.ledger;
  const failed = checks.filter(({ ok }) => !ok);
  expect(balanced).toBe(failed.length === 0);
  // The note of a failed check says which witnesses contradict each other.
  expect(failed.filter(({ note }) => note === '')).toEqual([]);
  return failed.map(({ name }) => name);
}

describe('the ledger of evidence on disk', () => {
  test.each([
    ['rpc', calls],
    ['event', events],
  ] as const)('is balanced on the path %s if every witness tells the truth', async (path, outcomes) => {
    expect(await failingIn(path, outcomes, () => undefined)).toEqual([]);
  });

  test.each(rowsOf(onBoth, onRpc))('finds that %s, of calls: %s', async (_, check, edit) => {
    expect(await failingIn('rpc', calls, edit)).toContain(check);
  });

  test.each(rowsOf(onBoth, onEvents))('finds that %s, of events: %s', async (_, check, edit) => {
    expect(await failingIn('event', events, edit)).toContain(check);
  });
});
