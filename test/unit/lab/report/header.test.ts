import { expect, test } from 'vitest';
import { prose } from '#lab/report/header.ts';
import { html } from '#lab/report/html.ts';

const rendered = (text: string) => html`${prose(text)}`.text;

test('prose makes paragraphs between empty lines and joins the lines within', () => {
  expect(rendered('One\ntwo.\n\nThree <b>.\n')).toBe(
    '<p class="lead">One two.</p><p class="lead">Three &lt;b&gt;.</p>',
  );
});

test('prose makes numbered lists after their introduction', () => {
  expect(rendered('Look for:\n1. First\n   and more.\n2. Second.')).toBe(
    '<p class="lead">Look for:</p><ol class="lead"><li>First and more.</li><li>Second.</li></ol>',
  );
});

test('prose makes bulleted lists', () => {
  expect(rendered('- a\n- b')).toBe('<ul class="lead"><li>a</li><li>b</li></ul>');
});

test('prose of an empty text is empty', () => {
  expect(rendered(' \n\n ')).toBe('');
});
