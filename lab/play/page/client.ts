import { type Setting, sides } from '#lab/play/setting.ts';
import type { Answer, Ask, Told } from '#lab/play/worker.ts';

/**
 * Starts two workers, one for each side. Returns a function that asks them for a setting; `hear` takes what they tell of
 * the latest one, and of which variant. `code` is text of the page, since a page from a file can't load another file.
 */
export function startWorkers(code: string, hear: (told: Told, variant: number) => void) {
  const url = URL.createObjectURL(new Blob([code], { type: 'text/javascript' }));
  let asks = 0;
  const workers = sides.map((side, index) => {
    const worker = new Worker(url);
    // What an older setting told before it was stopped is dropped.
    worker.onmessage = ({ data }: MessageEvent<Answer>) => data.ask === asks && hear(data, index);
    worker.onerror = ({ message }) => hear({ tell: 'problem', text: message }, index);
    return { worker, side };
  });
  return (setting: Setting): void => {
    asks += 1;
    for (const { worker, side } of workers) worker.postMessage({ ask: asks, setting, side } satisfies Ask);
  };
}
