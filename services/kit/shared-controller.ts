import { setMaxListeners } from 'node:events';

/** Returns a controller whose signal has many waiters. Node 20 would warn of a leak when there are more than ten. */
export function sharedController(): AbortController {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
}
