import { fc, test as property } from '@fast-check/vitest';
import { expect, test, vi } from 'vitest';
import { levelOf, pitchFor, worthOf } from '#lab/play/page/picture/dots.ts';
import { Pen } from '#lab/play/page/picture/pen.ts';

const area = (count: number) => ({ width: 590, height: 300, count });

test('pitchFor holds the dots of the fuller area', () => {
  expect(pitchFor([area(10), area(10)])).toBe(20);
  const small = pitchFor([area(10), area(2000)]);
  expect(Math.floor(590 / small) * Math.floor(300 / small)).toBeGreaterThanOrEqual(2000);
});

test('worthOf makes a dot ten calls above a limit', () => {
  expect([4000, 4001, 50_000].map((count) => worthOf([area(3), area(count)], 4000))).toEqual([1, 10, 100]);
});

test('levelOf sinks as the zoom grows', () => {
  expect(levelOf(58, 590, 10)).toBeLessThan(levelOf(58, 590, 20));
});

const texts = fc.array(fc.record({ x: fc.integer({ max: 340 }), length: fc.integer({ min: 1, max: 120 }) }));

property.prop([texts])('texts keep a gap, wherever they are written', (all) => {
  vi.stubGlobal('window', {});
  vi.stubGlobal('document', { documentElement: { classList: { contains: () => false } } });
  const written: { left: number; width: number }[] = [];
  const context = {
    ...{ setTransform() {}, clearRect() {}, measureText: ({ length }: string) => ({ width: length }) },
    fillText: ({ length }: string, left: number) => written.push({ left, width: length }),
  };
  const canvas = { clientWidth: 340, clientHeight: 30, getContext: () => context };
  const pen = new Pen(canvas as unknown as HTMLCanvasElement);
  vi.spyOn(pen, 'colour').mockReturnValue('');
  vi.stubGlobal('getComputedStyle', () => ({ fontFamily: '' }));
  for (const { x, length } of all) pen.write('x'.repeat(length), [x, 8], { size: 12 });
  vi.unstubAllGlobals();
  let end = -8;
  for (const { left, width } of written.toSorted((one, other) => one.left - other.left)) {
    expect(left - end).toBeGreaterThanOrEqual(8);
    end = left + width;
  }
  expect(end).toBeLessThanOrEqual(341);
});
