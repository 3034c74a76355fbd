import { expect, test } from 'vitest';
import { AnswerError } from '#kit/http-client/answer.ts';
import { answerReason, answerReasons, brokenReason } from '#load/sending/request.ts';

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

test('reasons of requests with a secret leave out the text of an answer', () => {
  expect(answerReasons(true)(401, 'no s/cret')).toBe('401');
  const cut = new AnswerError('expected an HTTP/1.1 answer, got "hello s/cr"');
  expect(brokenReason(cut, false)).toBe('expected an HTTP/1.1 answer, got "hello s/cr"');
  expect(brokenReason(cut, true)).toBe('expected an HTTP/1.1 answer');
});
