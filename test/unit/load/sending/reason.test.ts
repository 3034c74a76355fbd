import { expect, test } from 'vitest';
import { AnswerError } from '#kit/http-client/answer.ts';
import { concealing } from '#load/sending/conceal.ts';
import { answerReason, brokenReason } from '#load/sending/request.ts';

test('answerReason names the status, and what a problem, a JSON body or a page says', () => {
  const problem = JSON.stringify({ type: 'urn:x', title: 'Downstream failed', detail: 'status 500' });
  expect(answerReason(502, problem)).toBe('502: Downstream failed: status 500');
  expect(answerReason(500, '{"error":"no such table"}')).toBe('500: no such table');
  expect(answerReason(500, '{"error":{"message":"boom"}}')).toBe('500: boom');
  expect(answerReason(404, 'nothing\n here ')).toBe('404: nothing here');
  expect(answerReason(501, '<html><style>p {}</style><p>Unsupported method</p>')).toBe(
    '501: Unsupported method',
  );
  expect(answerReason(503, '')).toBe('503');
  expect(answerReason(503, '{}')).toBe('503: {}');
});

test('answerReason is short, without control characters, and hides credentials', () => {
  expect(answerReason(500, 'x'.repeat(1_000_000)).length).toBeLessThanOrEqual(120);
  expect(answerReason(500, 'a\u001b[31mb\u0000c')).toBe('500: a [31mb c');
  const said = answerReason(
    500,
    'nats://me:hunter2@broker refused; Authorization: Bearer abc.def password=hunter3 {"api_key": "hunter4"}',
  );
  expect(said).not.toMatch(/hunter|abc\.def|me:/);
  expect(said).toContain('broker refused');
});

const conceal = concealing(['TOKEN'], { TOKEN: 's/cret' })!;

test.each([
  ['as it is', 'no s/cret', '401: no {env:TOKEN}'],
  ['in JSON', '{"error":"no s/cret"}', '401: no {env:TOKEN}'],
  ['escaped in JSON', '{"error":"no s\\/cret"}', '401: no {env:TOKEN}'],
  ['in a URL', '/?t=s%2Fcret', '401: /?t={env:TOKEN}'],
])('answerReason conceals a secret that an answer repeats %s', (_how, body, reason) => {
  expect(answerReason(401, body, conceal)).toBe(reason);
});

test('answerReason conceals a secret where it cuts a long answer', () => {
  const body = `${' '.repeat(4093)}s/cret${'x'.repeat(9000)}`;
  expect(answerReason(401, body)).toBe('401: s/c');
  expect(answerReason(401, body, conceal)).toBe('401: {en');
});

test('brokenReason conceals secrets, also a part of one in an answer that is invalid', () => {
  const cut = new AnswerError('expected an HTTP/1.1 answer, got "hello s/cr"');
  expect(brokenReason(cut)).toBe('expected an HTTP/1.1 answer, got "hello s/cr"');
  expect(brokenReason(cut, conceal)).toBe('expected an HTTP/1.1 answer');
  expect(brokenReason(new Error('no s/cret'), conceal)).toBe('no {env:TOKEN}');
});
