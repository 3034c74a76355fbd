import workers from 'node:worker_threads';
import zlib from 'node:zlib';

// Adds what Node 20 and 22 lack of the language that the sources use. In the package this module is loaded before each
// program. A checkout runs on Node 24, which has all of it.

type Callback = (value: unknown, index: number) => unknown;

/** Prototype of all iterators. Its helpers are new in Node 22. */
const iterators = Object.getPrototypeOf(Object.getPrototypeOf([].values()));

const helpers = {
  *map(this: Iterable<unknown>, change: Callback) {
    let index = 0;
    for (const value of this) yield change(value, index++);
  },
  *filter(this: Iterable<unknown>, isWanted: Callback) {
    let index = 0;
    for (const value of this) if (isWanted(value, index++)) yield value;
  },
  *flatMap(this: Iterable<unknown>, change: Callback) {
    let index = 0;
    for (const value of this) yield* change(value, index++) as Iterable<unknown>;
  },
  *take(this: Iterable<unknown>, count: number) {
    let left = count;
    if (left <= 0) return;
    for (const value of this) {
      yield value;
      left -= 1;
      if (left <= 0) return;
    }
  },
  *drop(this: Iterable<unknown>, count: number) {
    let index = 0;
    for (const value of this) if (index++ >= count) yield value;
  },
  reduce(this: Iterable<unknown>, ...args: [(sum: unknown, value: unknown) => unknown]) {
    return Array.from(this).reduce(...args);
  },
  toArray(this: Iterable<unknown>) {
    return Array.from(this);
  },
  forEach(this: Iterable<unknown>, act: Callback) {
    let index = 0;
    for (const value of this) act(value, index++);
  },
  some(this: Iterable<unknown>, isWanted: Callback) {
    let index = 0;
    for (const value of this) if (isWanted(value, index++)) return true;
    return false;
  },
  every(this: Iterable<unknown>, isWanted: Callback) {
    let index = 0;
    for (const value of this) if (!isWanted(value, index++)) return false;
    return true;
  },
  find(this: Iterable<unknown>, isWanted: Callback) {
    let index = 0;
    for (const value of this) if (isWanted(value, index++)) return value;
    return undefined;
  },
};

function* from(values: Iterable<unknown> | Iterator<unknown>) {
  if (Symbol.iterator in values) return yield* values;
  for (let next = values.next(); !next.done; next = values.next()) yield next.value;
}

function groupBy<T>(values: Iterable<T>, keyOf: (value: T, index: number) => unknown): Map<unknown, T[]> {
  const groups = new Map<unknown, T[]>();
  let index = 0;
  for (const value of values) {
    const key = keyOf(value, index++);
    const group = groups.get(key);
    if (group) group.push(value);
    else groups.set(key, [value]);
  }
  return groups;
}

function withResolvers(this: PromiseConstructor) {
  let resolve: unknown;
  let reject: unknown;
  const promise = new this((resolver, rejecter) => {
    resolve = resolver;
    reject = rejecter;
  });
  return { promise, resolve, reject };
}

/** Defines the methods that the object lacks. Like the language's own, they aren't enumerable. */
function add(object: object, methods: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(methods))
    if (!(name in object)) Object.defineProperty(object, name, { value, writable: true, configurable: true });
}

add(iterators, helpers);
add(globalThis, { Iterator: { from } });
add(Map, { groupBy });
add(Object, {
  groupBy: (...args: Parameters<typeof groupBy>) =>
    Object.assign(Object.create(null), Object.fromEntries(groupBy(...args) as never)),
});
add(Promise, { withResolvers });
// undici takes these functions when it is loaded. Spillway never uses them.
add(zlib, { createZstdDecompress() {} });
add(workers, { markAsUncloneable() {} });
