/**
 * Calls a step again and again until it returns false, each time after all promises have settled. Resolves then, or
 * rejects with the error of a step. A fixed number of microtasks in between would be too few.
 */
export const inTurns = (step: () => boolean): Promise<void> =>
  new Promise((resolve, reject) => {
    let isOver = false;
    const turn = () => {
      if (isOver) return;
      try {
        if (step()) return;
        resolve();
      } catch (error) {
        reject(error);
      }
      isOver = true;
    };
    repeat(turn, () => isOver);
  });

/** Steps after which the event loop handles its events. */
const batchMax = 1000;

/** Node's own, since a simulation may replace the timers of its thread. */
const { setImmediate } = globalThis;

/** Node handles promises between two immediates. */
function byImmediates(turn: () => void, isOver: () => boolean): void {
  let size = 1;
  const batch = () => {
    if (isOver()) return;
    for (let i = 0; i < size; i++) setImmediate(turn);
    setImmediate(batch);
    size = Math.min(2 * size, batchMax);
  };
  batch();
}

/** Listeners to a message. To add one compares it with all before it, so 1000 would take milliseconds. */
const listenersMax = 200;

/** Browsers handle promises between two listeners to a message, which is far cheaper than a message for each step. */
function byListeners(turn: () => void, isOver: () => boolean): void {
  const { port1, port2 } = new MessageChannel();
  for (let i = 0; i < listenersMax; i++) port1.addEventListener('message', () => turn());
  port1.addEventListener('message', () => {
    if (isOver()) port1.close();
    else port2.postMessage(undefined);
  });
  port1.start();
  port2.postMessage(undefined);
}

const repeat = 'setImmediate' in globalThis ? byImmediates : byListeners;
