import { board } from '#grafana/board.ts';
import { experiments as all } from '#grafana/experiments.ts';
import { experimentsUid } from '#grafana/links.ts';
import { text } from '#grafana/panels.ts';

export const experiments = board({
  uid: experimentsUid,
  title: 'Experiments',
  description: 'What each experiment shows, why, and how to run it.',
  rows: {
    'The course': all.map(({ file, title, description }) =>
      text(title, `${description}\n\`\`\`sh\nbin/spillway run --slow-motion auto ${file}\n\`\`\`\n`),
    ),
  },
});
