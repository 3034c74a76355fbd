import type { PanelOptions, States, Thresholds } from '#grafana/panels.ts';

/** Colours of goodput, each from its lowest value on. */
export const goodputColours: Pick<PanelOptions, 'base' | 'thresholds'> = {
  base: 'red',
  thresholds: { 0.5: 'orange', 0.95: 'green' },
};

/** Colours of attempts per request, each from its lowest value on. */
export const amplificationColours: Thresholds = { 1.5: 'orange', 2: 'red' };

/** Colours of the share of work for callers that have left. */
export const wasteColours: Thresholds = { 0.05: 'orange', 0.2: 'red' };

export const breakerStates: States = {
  0: ['closed', 'green'],
  1: ['half-open', 'yellow'],
  2: ['open', 'red'],
};
