import type { State } from '#lab/testbed/state.ts';

/** What has gone wrong with a testbed since it is up, a line each. */
export const newsOf = ({ news }: State): string => news.map((sentence) => `${sentence}\n`).join('');

/** Why a testbed is up no more that nobody has taken down; empty where there is none. */
export const obituaryOf = (state: State | undefined): string =>
  state
    ? `The last testbed ended by itself: process ${state.pid}, which ran it, is gone.\n${newsOf(state)}`
    : '';
