import type { Answer, Ask, Told } from '#lab/play/answer.ts';
import { type Playable, type Setting, sides } from '#lab/play/setting.ts';

/** Takes what the workers tell of the latest setting; of which variant, by its index. */
export type Hear = (told: Told, variant: number) => void;

/** Two workers, one for each side. */
export class Client {
  readonly #workers: readonly Worker[];
  #asks = 0;

  /** `code` is the worker's script. It is text of the page, since a page from a file can't load another file. */
  constructor(code: string, hear: Hear) {
    const url = URL.createObjectURL(new Blob([code], { type: 'text/javascript' }));
    this.#workers = sides.map((_, index) => {
      const worker = new Worker(url);
      // What an older setting told before it was stopped is dropped.
      worker.onmessage = ({ data }: MessageEvent<Answer>) => data.ask === this.#asks && hear(data, index);
      worker.onerror = ({ message }) => hear({ tell: 'problem', text: message }, index);
      return worker;
    });
  }

  simulate(playable: Playable, setting: Setting): void {
    this.#asks += 1;
    for (const [index, side] of sides.entries()) {
      const ask: Ask = { ask: this.#asks, playable, setting, side };
      this.#workers[index]!.postMessage(ask);
    }
  }
}
