import { board } from '#grafana/board.ts';
import { experiments as all, experimentsUid } from '#grafana/experiments.ts';
import { text } from '#grafana/panels.ts';

export const experiments = board({
  uid: experimentsUid,
  title: 'Experiments',
  description: 'What each experiment shows, why, and how to run it.',
  refresh: '',
  rows: {
    'The course': Object.fromEntries(
      all.map(({ file, title, description }) => [
        title,
        text(`${description}\n\`\`\`sh\nbin/spillway run --slow-motion auto ${file}\n\`\`\`\n`),
      ]),
    ),
  },
});
