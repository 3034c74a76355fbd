import { systemClock } from '#kit/clock.ts';
import { docker } from '#test/support/docker/command.ts';
import { Project } from '#test/support/docker/project.ts';
import { pinned } from '#test/support/docker/versions.ts';
import { type Bench, figure, median } from './figure.ts';
import { withDocker } from './with-docker.ts';

const rounds = 3;
const mebibyte = 1024 ** 2;

/** Measures the size of the image, the time of `docker compose up`, the time until goodput appears, and the memory. */
export const bench: Bench = withDocker(async (say) => {
  const project = new Project();
  try {
    await project.compose(['build']);
    const aboveBase = (await imageBytes(project.image)) - (await imageBytes(pinned('NODE_IMAGE')));
    const [upsMs, goodputsMs, memories]: number[][] = [[], [], []];
    for (let round = 1; round <= rounds; round++) {
      const startedAtMs = systemClock.now();
      await project.compose(['up', '--wait', '--no-build']);
      upsMs!.push(systemClock.now() - startedAtMs);
      await goodput(project);
      goodputsMs!.push(systemClock.now() - startedAtMs);
      memories!.push(await memoryBytes(project));
      say(`round ${round} of ${rounds}: up after ${(upsMs!.at(-1)! / 1000).toFixed(1)} s`);
      await project.down();
    }
    return [
      figure('image above its base', aboveBase / 1e6, 'MB', { atMost: 20 }),
      figure('up --wait', median(upsMs!) / 1000, 's', { atMost: 30 }),
      figure('up to goodput on a dashboard', median(goodputsMs!) / 1000, 's', { atMost: 60 }),
      figure('memory without Grafana', median(memories!) / mebibyte, 'MiB', { atMost: 1024 }),
    ];
  } finally {
    await project.forget();
  }
});

const imageBytes = async (name: string): Promise<number> =>
  Number(await docker('image', 'inspect', '--format', '{{.Size}}', name));

/** Resolves when Prometheus has a goodput above 0 for both paths, in the series that the dashboard shows. */
async function goodput(project: Project): Promise<void> {
  const url = await project.url('prometheus', 9090);
  const query = encodeURIComponent('path:spillway_goodput:ratio_rate30s > 0');
  for (;;) {
    const answer = await fetch(`${url}/api/v1/query?query=${query}`);
    const { data } = (await answer.json()) as { data: { result: unknown[] } };
    if (data.result.length === 2) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function memoryBytes(project: Project): Promise<number> {
  const ids = (await project.compose(['ps', '--quiet'])).trim().split('\n');
  const units: Readonly<Record<string, number>> = { KiB: 1024, MiB: mebibyte, GiB: 1024 * mebibyte };
  const lines = (await docker('stats', '--no-stream', '--format', '{{.MemUsage}}', ...ids))
    .trim()
    .split('\n');
  return lines
    .map((line) => /^([\d.]+)(\w+)/.exec(line)!)
    .reduce((sum, [, value, unit]) => sum + Number(value) * units[unit!]!, 0);
}
