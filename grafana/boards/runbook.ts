import { readFileSync } from 'node:fs';
import { board } from '#grafana/board.ts';
import { text } from '#grafana/panels.ts';

const page = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');
const [, ...sections] = page.split(/^## /m);

/** Keeps only the words of links, since Grafana doesn't have their pages. */
const withoutLinks = (markdown: string): string => markdown.replace(/\[([^\]]+)\]\([^)]+\)/g, '$1');

export const runbook = board({
  uid: 'spillway-runbook',
  title: 'Runbook',
  description: 'What each alert means, and what to do.',
  refresh: '',
  rows: {
    Alerts: Object.fromEntries(
      sections.map((section) => {
        const [title = '', ...lines] = section.split('\n');
        return [title, text(withoutLinks(lines.join('\n').trim()))];
      }),
    ),
  },
});
