import { expect, test } from 'vitest';
import { withoutComments, withoutProse } from '#test/tidy/code.ts';

const template = '`http://$' + '{now()}`';

const text = `// Date.now
const url = 'http://x'; /* two
lines */ now(); // "end"
const when = ${template};`;

test('withoutComments blanks comments and nothing else', () => {
  expect(withoutComments(text).replace(/ +/g, ' ')).toBe(
    ` \nconst url = 'http://x'; \n now(); \nconst when = ${template};`,
  );
});

test('withoutProse blanks quoted strings too, but keeps the code in templates', () => {
  expect(withoutProse(text)).not.toContain("'http://x'");
  expect(withoutProse(text)).toContain(template);
});

test('withoutProse keeps every character where it was', () => {
  expect(withoutProse(text)).toHaveLength(text.length);
});
