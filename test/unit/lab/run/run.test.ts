import { expect, test } from 'vitest';
import { experimentText } from '#test/fixtures/experiment.ts';
import { runText } from '#test/support/run-text.ts';

test('run ends with a result whatever went wrong, and says of a mistake of ours where it is', async () => {
  const result = await runText(experimentText(), () => Promise.reject(new TypeError('x is not a function')));
  expect(result).toMatchObject({
    status: 'error',
    exitCode: 1,
    errors: [
      {
        name: 'internal',
        message: expect.stringMatching(/^TypeError: x is not a function\n +at .*run\.test/),
      },
    ],
  });
});
