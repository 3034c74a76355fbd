import { expect, test } from 'vitest';
import type { Figure } from '#lab/experiment/metrics/figure.ts';
import { acquit } from '#lab/explore/prediction/acquit.ts';
import { stallCheck } from '#lab/judge/result/facts.ts';
import type { Result, StallResult } from '#lab/judge/result/result.ts';
import { parsed } from '#test/fixtures/experiment.ts';
import { makeResult, withFigures } from '#test/fixtures/result.ts';
import { figuresOfMade } from '#test/fixtures/variant.ts';

const variants = makeResult().variants.slice(0, 2);
const [one, other] = variants.map(({ name }) => name) as [string, string];
const [high, low, both, below] = [
  `goodput(${one}) > 0.5`,
  `goodput(${one}) > 0.1`,
  `goodput(${one}) > goodput(${other})`,
  `goodput(${one}) < 0.85`,
];
/** Stalls of at least 50 ms count. */
const experiment = parsed(`
deadlineMs: 200
load: [{ arrivals: { kind: constant, ratePerSecond: 10, forMs: 1000 } }]
variants: { ${one}: { path: rpc }, ${other}: { path: rpc } }
hypothesis: ['${both}']
seed: 3
`);
const stall: StallResult = {
  process: 'gateway',
  fromMs: 100,
  untilMs: 200,
  cpuMs: 0,
  cause: 'stopped',
  requests: 1,
};

/** Asks with a stall of one variant. In simulations, a stall of more than 150 ms lowers its goodput from 90 to 40 %. */
async function acquitted(
  hypotheses: string[],
  own: Partial<StallResult> = {},
  differs: string[] = [],
  rounds = 1,
) {
  const seeds: number[] = [];
  const measured = withFigures({
    ...makeResult(),
    variants: variants.map((variant) => ({
      ...variant,
      goodput: 0.8,
      stalls: variant.name === one ? [{ ...stall, ...own }] : [],
    })),
  });
  const ideal = (variant: string): Figure => {
    const value = differs.includes(variant) ? 0.2 : 0.8;
    return { ...{ variant, metric: 'goodput', source: 'ideal', value }, low: value, high: value };
  };
  const simulated: Result = {
    ...measured,
    figures: [...measured.figures, ...variants.map(({ name }) => ideal(name))],
    simulations: { seeds: [3], variants: variants.map(({ name }) => ({ name, overhead: null })) },
  };
  const texts = await acquit(
    experiment,
    [...Array.from({ length: rounds - 1 }, () => measured), measured],
    [{ name: stallCheck, hypotheses }] as unknown as Result['validity'],
    simulated,
    async (name, seed, _overhead, stalls = []) => {
      seeds.push(seed);
      const isSlow = stalls.some(({ fromMs, untilMs }) => untilMs - fromMs > 150);
      return figuresOfMade({
        ...measured.variants.find((variant) => variant.name === name)!,
        goodput: isSlow ? 0.4 : 0.9,
      });
    },
  );
  return { texts, seeds: new Set(seeds).size };
}

test.each([
  ['a verdict that stays the same with stalls of twice the length', [low], {}, [], [low], 20],
  ['a verdict that changes, at the first seed', [high], {}, [], [], 1],
  ['one of two verdicts', [high, low], {}, [], [low], 20],
  ['short stalls', [high], { untilMs: 170 }, [], [high], 20],
  ['a comparison with a variant that differs from its simulation', [both], {}, [other], [], 0],
  ['a stall of the generator', [low], { process: 'generator' }, [], [], 0],
  ['a short stall of the generator', [low], { process: 'generator', untilMs: 149 }, [], [low], 20],
  ['a verdict that simulations do not confirm', [below], { untilMs: 170 }, [], [], 1],
  ['late sends', [low], { cause: 'late' }, [], [], 0],
] as const)('acquit: %s', async (_what, hypotheses, own, differs, texts, seeds) => {
  expect(await acquitted([...hypotheses], own, [...differs])).toEqual({ texts, seeds });
  expect(await acquitted([...hypotheses], own, [...differs], 3)).toEqual({ texts, seeds });
});
