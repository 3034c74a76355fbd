import type { TObject } from 'typebox';
import { expect, test } from 'vitest';
import type { FaultContext, Injectable } from '#lab/experiment/faults/injectable.ts';
import { kinds } from '#lab/experiment/faults/kinds.ts';

test.each([
  ['failure', 10_000],
  ['freeze', 70_000],
] as const)(
  'leased lets %s end within %s ms: only a target that stands still is late',
  async (kind, expected) => {
    const withinMs: unknown[] = [];
    const request = async (...[, , , within]: unknown[]) => {
      withinMs.push(within);
      return '[]';
    };
    const controls = { downstream: { processes: new Map([['downstream', { request }]]) } };
    const injection = {
      name: 'f',
      target: 'downstream',
      forMs: 60_000,
      options: { kind },
      config: undefined,
    } as const;
    await (kinds.downstream[kind] as unknown as Injectable<TObject>).end(
      { controls } as unknown as FaultContext,
      injection,
    );
    expect(withinMs).toEqual([expected]);
  },
);
