import { readFileSync } from 'node:fs';
import { board } from '#grafana/board.ts';
import { experiments } from '#grafana/experiments.ts';
import { text } from '#grafana/panels.ts';

const page = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');
const [, ...sections] = page.split(/^## /m);

/**
 * Redirects links to experiments to the panels of these experiments. Of other links only the words stay, since Grafana
 * doesn't have these pages.
 */
const withLinks = (markdown: string): string =>
  markdown.replace(/\[([^\]]+)\]\(([^)]+)\)/g, (_link, words: string, target: string) => {
    const experiment = experiments.find(({ file }) => target.endsWith(file));
    return experiment ? `[${words}](${experiment.url})` : words;
  });

export const runbook = board({
  uid: 'spillway-runbook',
  title: 'Runbook',
  description: 'What each alert means, and what to do.',
  refresh: '',
  rows: {
    Alerts: Object.fromEntries(
      sections.map((section) => {
        const [title = '', ...lines] = section.split('\n');
        return [title, text(withLinks(lines.join('\n').trim()))];
      }),
    ),
  },
});
