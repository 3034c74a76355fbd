import { expect, test } from 'vitest';
import { httpUrls, urlsIn } from '#kit/urls.ts';

test.each([
  ['http://a:1', ['http://a:1']],
  ['http://a:1,http://b:2,http://a:3', ['http://a:1', 'http://b:2', 'http://a:3']],
])('httpUrls matches %s, and urlsIn has each of them', (written, urls) => {
  expect(written).toMatch(new RegExp(httpUrls));
  expect(urlsIn(written)).toEqual(urls);
});

test.each([
  '',
  'a:1',
  'https://a',
  'http://',
  'http://a,',
  'http://a,b:2',
  ',http://a',
  'http://a, http://b',
])('httpUrls does not match "%s"', (written) => {
  expect(written).not.toMatch(new RegExp(httpUrls));
});
