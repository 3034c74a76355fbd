import type { States, Thresholds } from '#grafana/panels.ts';

/** Colours of attempts per request, each from its lowest value on. */
export const amplificationColours: Thresholds = { 1.5: 'orange', 2: 'red' };

export const breakerStates: States = {
  0: ['closed', 'green'],
  1: ['half-open', 'yellow'],
  2: ['open', 'red'],
};
