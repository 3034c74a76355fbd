import { expect, test } from 'vitest';
import { terms } from '#lab/kit/text/terms.ts';

test('terms are in order, so that a reader finds them', () => {
  const names = Object.keys(terms);
  expect(names).toEqual(names.toSorted());
});

test.each(Object.entries(terms))(
  '%s has a meaning that begins with the thing, and is no sentence',
  (_term, meaning) => {
    expect(meaning).not.toMatch(/^(what|how|whether|where|when|why|who|the share)\b|\.$/i);
  },
);
