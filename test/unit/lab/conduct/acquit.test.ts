import { expect, test } from 'vitest';
import { acquit } from '#lab/conduct/acquit.ts';
import { stallCheck } from '#lab/result/facts.ts';
import type { Result, StallResult, VariantResult } from '#lab/result/result.ts';
import type { Simulations } from '#lab/result/simulations.ts';
import { parsed } from '#test/fixtures/experiment.ts';
import { makeResult } from '#test/fixtures/result.ts';

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
  const measured = variants.map((variant) => ({
    ...variant,
    goodput: 0.8,
    stalls: variant.name === one ? [{ ...stall, ...own }] : [],
  }));
  const agrees = (name: string) => (differs.includes(name) ? 'differs' : 'agrees');
  const simulations = {
    variants: variants.map(({ name }) => ({ name, overhead: null, figures: [{ verdict: agrees(name) }] })),
  } as unknown as Simulations;
  const texts = await acquit(
    experiment,
    [...Array.from({ length: rounds - 1 }, () => measured), measured],
    [{ name: stallCheck, hypotheses }] as unknown as Result['validity'],
    simulations,
    async (name, seed, _overhead, stalls = []) => {
      seeds.push(seed);
      const isSlow = stalls.some(({ fromMs, untilMs }) => untilMs - fromMs > 150);
      return {
        ...measured.find((variant) => variant.name === name)!,
        goodput: isSlow ? 0.4 : 0.9,
      } as VariantResult;
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
