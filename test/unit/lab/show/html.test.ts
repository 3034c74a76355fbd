import { expect, test } from 'vitest';
import { Html, html, jsonElement, keyOf } from '#lab/show/html.ts';

const nasty = `</script><img src=x onerror="a" & 'b'>`;

test('html escapes texts, in elements and in attributes', () => {
  expect(html`<p title="${nasty}">${nasty}</p>`.text).toBe(
    '<p title="&lt;/script&gt;&lt;img src=x onerror=&quot;a&quot; &amp; &#39;b&#39;&gt;">&lt;/script&gt;&lt;img src=x onerror=&quot;a&quot; &amp; &#39;b&#39;&gt;</p>',
  );
});

test('html leaves markup and lists of it as they are', () => {
  expect(html`<ul>${['a', '<b>'].map((item) => html`<li>${item}</li>`)}</ul>${new Html('<hr>')}`.text).toBe(
    '<ul><li>a</li><li>&lt;b&gt;</li></ul><hr>',
  );
});

test('html leaves nothing for null and false, but 0 for 0', () => {
  expect(html`a${null}b${false}c${0}d`.text).toBe('abc0d');
});

test('jsonElement cannot be ended by its own texts and reads back the same', () => {
  const { text } = jsonElement('data', { nasty, list: [1, null] });
  expect(text.match(/<\/script>/g)).toHaveLength(1);
  const json = text.slice(text.indexOf('>') + 1, text.lastIndexOf('<'));
  expect(JSON.parse(json)).toEqual({ nasty, list: [1, null] });
});

const indices = Array.from({ length: 60 }, (_, i) => i);

test('keyOf gives no two variants the same letter, nor the same colour and dash', () => {
  const keys = indices.map(keyOf);
  expect(new Set(keys.map(({ letter }) => letter)).size).toBe(60);
  expect(new Set(keys.map(({ colour, dash }) => `${colour} ${dash}`)).size).toBe(60);
});
