import { level } from '#lab/judge/statistics/rounds.ts';
import { count, duration, number, plural, range, share } from '#lab/kit/text/format.ts';
import { crossing, type Grid, mapOf } from './boundary.ts';
import type { SweepResult } from './result.ts';

/** Says in a few sentences what a sweep found: where variants are metastable or hypotheses hold. */
export function findingOf(sweep: SweepResult): string[] {
  const found = metastableSentences(sweep);
  const main = found.length > 0 ? found : [...holdSentence(sweep), ...goodputSentences(sweep)];
  const [first, ...more] = [...main, ...watchedSentence(sweep)];
  return first === undefined ? [] : [untilWhen(sweep) + first, ...more];
}

/** Returns the points that were simulated. Others were inferred, or are missing after an interrupt. */
export const simulatedIn = ({ points }: SweepResult) => points.filter(({ seeds }) => seeds > 0);

/** Says of how many points the finding of an interrupted sweep is. */
function untilWhen(sweep: SweepResult): string {
  if (sweep.status === 'complete') return '';
  const each = simulatedIn(sweep).map(({ seeds }) => seeds);
  return `Until the interruption (${count(each.length)} of ${plural(sweep.points.length, 'point')}, ${range(each, count)} of ${plural(sweep.seeds, 'seed')} each): `;
}

/** Says that verdicts depend on the time for which variants were watched. */
function watchedSentence({ points }: SweepResult): string[] {
  const watched = points.flatMap(({ watchedMs }) => watchedMs ?? []);
  if (watched.length === 0) return [];
  return [
    `At ${plural(watched.length, 'point')} a variant was still recovering when the load ended. These were simulated with loads of up to ${duration(Math.max(...watched))}, since the map depends on the time watched.`,
  ];
}

/** Returns short names of paths, as in `maxRetries` or `maxRetries of three-tries`, or the paths where these are ambiguous. */
export function shortNames(paths: readonly { readonly path: string }[]): string[] {
  const forms = paths.map(({ path }) => {
    const [root = '', ...rest] = path.split('.');
    const last = rest.at(-1) ?? path;
    return [last, `${last} of ${root === 'variants' ? rest[0] : root}`, path] as const;
  });
  const isClear = (form: number) => new Set(forms.map((all) => all[form])).size === paths.length;
  const clear = [0, 1].find(isClear) ?? 2;
  return forms.map((all) => all[clear]!);
}

function metastableSentences(sweep: SweepResult): string[] {
  const maps = sweep.variants.map((name) => ({ name, map: mapOf(sweep, name, 'metastable') }));
  const known = maps.filter(({ map }) => map.some((value) => value !== null));
  const never = known.filter(({ map }) => map.every((value) => value !== null && value < level));
  const always = known.filter(({ map }) => map.every((value) => value !== null && value >= level));
  const some = known.filter((each) => !never.includes(each) && !always.includes(each));
  const named = (group: typeof known) => group.map(({ name }) => name).join(', ');
  return [
    ...some.flatMap(({ name, map }) => {
      const [first, ...more] = whereOf(sweep, name, map);
      return [`${first}${unknownOf(map)}.`, ...more];
    }),
    ...(always.length > 0 ? [`Metastable at every point: ${named(always)}.`] : []),
    ...(never.length > 0 ? [`Metastable at no point: ${named(never)}.`] : []),
  ];
}

function unknownOf(map: Grid): string {
  const amount = map.filter((value) => value === null).length;
  return amount === 0 ? '' : `; not known at ${plural(amount, 'point')}`;
}

/** Says where a variant never recovers: over one path, or over the first one with the file's value of the second. */
function whereOf({ paths, points }: SweepResult, variant: string, map: Grid): string[] {
  const names = shortNames(paths);
  const [first, second] = paths;
  const own = map.filter((_, index) => points[index]!.values[1] === second?.original);
  const along = sidesOf(first!, names[0]!, own);
  const amount = map.filter((value) => value !== null && value >= level).length;
  const at = `at ${count(amount)} of ${plural(points.length, 'point')}`;
  if (along === undefined) return [`${variant} never recovers (is metastable) ${at}`];
  if (!second) return [`${variant} never recovers (is metastable) ${along}`];
  const what = along.startsWith('at no ')
    ? along.replace('at no', 'recovers at every')
    : `never recovers ${along}`;
  return [
    `With ${names[1]} ${second.original}, as in the file, ${variant} ${what}`,
    `In all, it is metastable ${at}.`,
  ];
}

/** Says between which values a probability crosses 0.5, and where it is above; undefined without or with several. */
function sidesOf({ values }: SweepResult['paths'][number], name: string, map: Grid): string | undefined {
  const sides = map.filter((value) => value !== null).map((value) => value >= level);
  const changes = sides.filter((side, index) => index > 0 && side !== sides[index - 1]).length;
  if (sides.length === 0) return undefined;
  if (changes === 0) return sides.length < map.length ? undefined : `at ${sides[0] ? 'every' : 'no'} ${name}`;
  const crossed = map.findIndex(
    (_, index) => crossing(map[index] ?? null, map[index + 1] ?? null) !== undefined,
  );
  if (crossed < 0 || changes > 1) return undefined;
  const isScale = name === 'load*';
  const bounds = [values[crossed]!, values[crossed + 1]!];
  const shown = bounds.map(isScale ? share : number);
  // Close values may look alike.
  const [low, high] = shown[0] === shown[1] ? bounds : shown;
  const [what, unit] = isScale ? ['', ' of the load'] : [`${name} `, ''];
  return sides[0]
    ? `up to ${what}${low}${unit}, not from ${high} on`
    : `from ${what}${high}${unit} on, not up to ${low}`;
}

function holdSentence(sweep: SweepResult): string[] {
  const holds = simulatedIn(sweep).map(({ holds }) => holds?.value ?? null);
  if (holds.every((value) => value === null)) return [];
  const subject = sweep.hypotheses.length === 1 ? 'The hypothesis holds' : 'All hypotheses hold';
  return [`${subject} ${holdingText(holds)}.`];
}

/** Says at how many simulated points something is so with every seed, with these values, and at how many with most. */
export function holdingText(map: Grid, values: readonly unknown[] = []): string {
  const always = map.filter((value) => value === 1).length;
  const where = values.length > 0 ? ` (${values.join(', ')})` : '';
  const mostly = map.filter((value) => value !== null && value >= level).length - always;
  const others = mostly > 0 ? `, and with most seeds at ${count(mostly)} more` : '';
  return `with every seed at ${count(always)} of ${plural(map.length, 'simulated point')}${where}${others}`;
}

function goodputSentences(sweep: SweepResult): string[] {
  return sweep.variants.flatMap((name) => {
    const values = mapOf(sweep, name, 'goodput').filter((value) => value !== null);
    return values.length === 0 ? [] : [`Goodput of ${name}: ${range(values, share)}.`];
  });
}
