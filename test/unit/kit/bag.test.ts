import { expect, test } from 'vitest';
import { Bag } from '#kit/bag.ts';

const itemsOf = (names: string) => [...names].map((name) => ({ name, at: undefined as number | undefined }));

test.each([['a'], ['d'], ['bd'], ['da'], ['abcd'], ['bb']])(
  'Bag.remove of %s leaves the other items',
  (removed) => {
    const items = itemsOf('abcd');
    const bag = new Bag<'at', (typeof items)[number]>('at');
    for (const item of items) bag.add(item);
    for (const name of removed) bag.remove(items.find((item) => item.name === name)!);
    const rest = items.filter(({ name }) => !removed.includes(name));
    expect(new Set(bag.items())).toEqual(new Set(rest));
    expect(bag.size).toBe(rest.length);
  },
);
