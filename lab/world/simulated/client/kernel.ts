import { AsyncLocalStorage } from 'node:async_hooks';
import { syncBuiltinESMExports } from 'node:module';
import { pathToFileURL } from 'node:url';
import type { Clock } from '#kit/clock.ts';
import { stream } from '#kit/random.ts';
import { StandstillError, VirtualClock } from '#kit/virtual-clock.ts';
import { ClientError, textOf, unloadable } from '#lab/world/client-error.ts';
import type { Module } from '#policies/client.ts';
import { patchChance } from './chance.ts';
import { patchClocks } from './clocks.ts';
import { watchEscapes } from './escapes.ts';
import { patchTimers, type TimerHost } from './timers.ts';

/** Virtual time for all code that this thread loads from now on. */
export type ClientKernel = ReturnType<typeof openKernel>;

/**
 * Replaces timers, clocks and chance in this thread for good, since modules keep what they have imported. Must be called
 * once, before a client is imported.
 */
export function openKernel(seed: number) {
  const clock = new VirtualClock();
  const failure = Promise.withResolvers<never>();
  failure.promise.catch(() => undefined);
  const fail = (message: string, cause?: unknown) => failure.reject(new ClientError(message, cause));
  let ofModule: Clock = clock;
  const ofCall = new AsyncLocalStorage<Clock>();
  const timers = () => clock.pending - host.unrefs.size;
  const host: TimerHost = {
    get clock() {
      return ofCall.getStore() ?? ofModule;
    },
    unrefs: new Set(),
    isAlive() {
      if (timers() > 0) return true;
      fail(`the client waits for nothing at ${clock.now()} ms: no timer and no call is left`);
      return false;
    },
    threw: (error) => fail(`the client threw in a timer: ${textOf(error)}`, error),
  };
  process.on('unhandledRejection', (error) =>
    fail(`the client left a rejection unhandled: ${textOf(error)}`, error),
  );
  process.on('uncaughtException', (error) => fail(`the client threw: ${textOf(error)}`, error));
  watchEscapes((action, type) => fail(`not simulated: the client ${action} (${type})`));
  patchTimers(host);
  patchClocks(() => clock.now());
  patchChance(stream(seed, 'client'));
  syncBuiltinESMExports();
  const orFailure = <T>(promise: Promise<T>): Promise<T> => Promise.race([promise, failure.promise]);
  return {
    clock,
    /** Returns the number of pending timers that keep a process alive. */
    timers,
    /** Rejects with ClientError when the client throws outside a call, or does what virtual time can't cover. */
    failed: failure.promise,
    /**
     * Imports a module, whose timers belong to a clock such as that of a simulated process. Virtual time stands still
     * meanwhile. `times` is how often it was loaded before, to load it again. Rejects with ClientError.
     */
    load(path: string, own: Clock = clock, times = 0): Promise<Module> {
      ofModule = own;
      const { href } = pathToFileURL(path);
      const loaded: Promise<Module> = import(times > 0 ? `${href}?${times}` : href).catch((error) => {
        throw unloadable(error);
      });
      return clock.hold(orFailure(loaded));
    },
    /** Calls a function. All timers that follow from it belong to the clock. */
    within: <T>(clock: Clock, act: () => T): T => ofCall.run(clock, act),
    /**
     * Moves time until the promise settles. Rejects with ClientError if the client fails, or if only timers are left
     * that keep no process alive.
     */
    run: <T>(promise: Promise<T>): Promise<T> =>
      orFailure(clock.runUntil(promise)).catch((error) => {
        throw error instanceof StandstillError ? new ClientError(error.message) : error;
      }),
  };
}
