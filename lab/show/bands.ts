import { changeTexts } from '#lab/experiment/changes.ts';
import { valueIn } from '#lab/experiment/metrics/table.ts';
import type { Span } from '#lab/experiment/span.ts';
import { leftAlone } from '#lab/judge/result/facts.ts';
import type { FaultResult, Result, VariantResult } from '#lab/judge/result/result.ts';
import { duration } from '#lab/kit/text/format.ts';
import { type Html, html, type Part } from './html.ts';

/** Part of the load: a phase, or what was done to the system meanwhile. */
export interface Band extends Span {
  readonly name: string;
  /** A phase with a higher load than the first one is a cause, as is a fault. A change of options has no width. */
  readonly kind: 'phase' | 'cause' | 'change';
  /** Load of a phase that is a cause, as a multiple of that of the first phase. */
  readonly factor?: number;
}

/** Load of a phase from which it counts as a cause, as a ratio to the load of the first phase. */
const raised = 1.2;

/** Rounds a ratio of two loads, each of which chance changes a little, to a whole number if that is near. */
function roundedFactor(ratio: number): number {
  const whole = Math.round(ratio);
  return Math.abs(ratio - whole) < 0.05 * whole ? whole : Number(ratio.toPrecision(2));
}

/** Returns the changes of a variant's options as bands, which say what is different from then on. */
function changesOf({ config }: VariantResult): Band[] {
  const { gateway, consumer = {}, changes } = config as Readonly<Record<string, Record<string, unknown>>>;
  const { policies, seed: _seed, paused: _paused, ...options } = gateway ?? consumer;
  const texts = changeTexts({ policies, ...(!gateway && { consumer: options }), changes });
  return texts.map(({ atMs, text }) => ({ name: text, kind: 'change', fromMs: atMs, untilMs: atMs }));
}

/** Returns the name of a phase's window for charts. A phase without a name has its number. */
export const phaseLabel = (window: string): string => window.replace(/^phase (?!\d+$)/, '');

/** Returns the phases, faults, redrives and changes of a variant. Those that its requests don't pass are left out. */
export function bandsOf(result: Result, variantResult: VariantResult): Band[] {
  const { name: variant, faults, redrives, windows } = variantResult;
  const phases = windows.flatMap(({ name, span }) => {
    const offered = valueIn(result, variant, 'offered', name);
    if (!span || offered === null || !name.startsWith('phase ') || name.includes(', class ')) return [];
    return [{ name: phaseLabel(name), ...span, rate: offered / (span.untilMs - span.fromMs) }];
  });
  const normal = phases[0]?.rate ?? 0;
  const all = [
    ...faults.filter(({ onPath }) => onPath),
    ...redrives.map((redrive) => ({ name: 'redrive', ...redrive })),
  ];
  return [
    ...phases.map(({ rate, name, fromMs, untilMs }): Band => {
      const factor = roundedFactor(rate / (normal || rate));
      return { name, fromMs, untilMs, ...(factor > raised ? { kind: 'cause', factor } : { kind: 'phase' }) };
    }),
    ...all.flatMap(({ name, took }): Band[] => (took ? [{ name, kind: 'cause', ...took }] : [])),
    ...changesOf(variantResult),
  ];
}

/**
 * Returns the bands of several variants by their start. Bands of the same name become one band, from the earliest start
 * to the latest end.
 */
export function commonBands(result: Result, variants: readonly VariantResult[]): Band[] {
  const all = variants.flatMap((variant) => bandsOf(result, variant));
  const groups = Map.groupBy(all, ({ name, kind }) => `${kind} ${name}`);
  return [...groups.values()]
    .map((bands) => ({
      ...bands[0]!,
      fromMs: Math.min(...bands.map(({ fromMs }) => fromMs)),
      untilMs: Math.max(...bands.map(({ untilMs }) => untilMs)),
    }))
    .sort((a, b) => a.fromMs - b.fromMs);
}

/** True if the variants met a fault or several phases, so that the course of time tells what happened. */
export const isEventful = (result: Result): boolean => commonBands(result, result.variants).length > 0;

const targets: Readonly<Record<string, string>> = {
  downstream: 'The dependency',
  nats: 'The broker',
  gateway: 'The gateway',
  consumer: 'The consumer',
  publisher: 'The publisher',
  'nats-leader': 'The leader of the brokers',
  'nats-minority': 'A minority of the brokers',
  'nats-majority': 'The majority of the brokers',
};

/** Says in a sentence or two what was done to the system: `The broker is killed for 5 s.` Empty if nothing was. */
export function causesText(result: Result): string {
  const faults = new Map<string, FaultResult>();
  for (const { faults: own } of result.variants)
    for (const fault of own) if (fault.took && fault.state !== leftAlone) faults.set(fault.name, fault);
  const groups = [...Map.groupBy(faults.values(), ({ target, state }) => `${target} ${state}`).values()];
  const ofFaults = groups.map(([first, ...more]) => {
    const { target, state, asked } = first!;
    const subject = targets[target] ?? `The ${target.includes('->') ? 'connection' : 'process'} ${target}`;
    const what = `${subject} is ${state}`;
    if (more.length === 0) return `${what} for ${duration(asked.untilMs - asked.fromMs)}.`;
    return `${what}: ${[first!, ...more].map(({ name }) => name).join(', then ')}.`;
  });
  const bands = commonBands(result, result.variants);
  const ofLoad = bands.flatMap(({ factor, fromMs, untilMs }) => {
    if (factor === undefined) return [];
    const isBack = bands.some(({ kind, fromMs }) => kind === 'phase' && fromMs >= untilMs);
    return `Load ×${factor} for ${duration(untilMs - fromMs)}${isBack ? ', then back to normal' : ''}.`;
  });
  return [...ofLoad, ...ofFaults].join(' ');
}

/** Width of a letter on a narrow chart, in percent. */
const letterPercent = 1.1;
/** Width of a letter on a phone, as a multiple. */
const narrowing = 2;

/** Renders bands as a ribbon, with the names that fit before the next band. */
export function ribbon(bands: readonly Band[], x: (ms: number) => number): Part {
  return bands.map(({ name, kind, factor, fromMs, untilMs }, i) => {
    const room = x(bands[i + 1]?.fromMs ?? Infinity) - x(fromMs);
    const shown = factor === undefined ? name : `load ×${factor}`;
    const hasRoom = room > letterPercent * shown.length;
    return html`<svg x="${x(fromMs)}%" width="${(x(untilMs) - x(fromMs)).toFixed(2)}%" height="100%" overflow="visible"><rect class="band ${kind}" width="${kind === 'change' ? 2 : '100%'}" height="100%"/>${hasRoom && html`<text class="band-name ${kind}" x="4" y="13">${shown}</text>`}<title>${name}</title></svg>`;
  });
}

/** Shades bands behind a chart, without their names. A change is a line. */
export const shades = (bands: readonly Band[], x: (ms: number) => number): Html[] =>
  bands.map(({ kind, fromMs, untilMs }) => {
    const width = kind === 'change' ? 2 : `${(x(untilMs) - x(fromMs)).toFixed(2)}%`;
    return html`<rect class="band ${kind}" x="${x(fromMs)}%" width="${width}" height="100%"/>`;
  });

/** Renders beside the line of each change what it changes first, if that fits before the next change. */
export function changeNames(bands: readonly Band[], x: (ms: number) => number): Part {
  const changes = bands.filter(({ kind }) => kind === 'change');
  return changes.map(({ name, fromMs }, i) => {
    const shown = name.replace(/, .*/, ' …');
    const letters = (x(changes[i + 1]?.fromMs ?? Infinity) - x(fromMs)) / letterPercent;
    const spare = letters < narrowing * shown.length && ' spare';
    return (
      letters > shown.length &&
      html`<text class="band-name change${spare}" x="${x(fromMs)}%" dx="5" y="10">${shown}</text>`
    );
  });
}
