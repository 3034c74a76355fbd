import { describe, expect, test } from 'vitest';
import { truthful } from '../truthful.ts';
import { calls, events, failing } from './edits.ts';
import { onRpc } from './of-calls.ts';
import { onEvents } from './of-events.ts';
import { onBoth } from './on-both.ts';

describe('balance finds that', () => {
  test.each([...onBoth, ...onRpc])('%s, of calls: %s', (_, check, edit) => {
    const truth = truthful('rpc', calls);
    edit(truth);
    expect(failing(truth)).toContain(check);
  });

  test.each([...onBoth, ...onEvents])('%s, of events: %s', (_, check, edit) => {
    const truth = truthful('event', events);
    edit(truth);
    expect(failing(truth)).toContain(check);
  });
});
