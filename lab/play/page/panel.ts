import type { Scene } from '#lab/play/frame.ts';
import type { Reading } from './moment/readings.ts';
import { letters, noteOf, percent, toneOf } from './moment/sentence.ts';
import { type Colours, sizeOf } from './picture/canvas.ts';
import { byId, setText } from './picture/elements.ts';
import { Stream } from './picture/pipes.ts';
import { areasOf, drawStage, type Zoom } from './picture/stage.ts';
import { type DrawnStrip, drawStrip } from './picture/strip.ts';

export interface Motion {
  /** Time of the experiment since the last picture. */
  readonly elapsedMs: number;
  /** False if the reader wants no dots that move. */
  readonly hasMotion: boolean;
}

/** Measures that both panels share in one picture. */
interface Moment extends Motion {
  readonly scene: Scene;
  readonly zoom: Zoom;
  readonly usualPerSecond: number;
  readonly colours: Colours;
}

const fillMsPerPx = 5;

/** One variant's panel. */
export class Panel {
  readonly root: HTMLElement;
  readonly chips: HTMLElement;
  readonly slider: HTMLInputElement;
  readonly #index: number;
  #isEmpty = true;
  readonly #streams = { requests: new Stream(), attempts: new Stream() };

  constructor(index: number) {
    const template = byId<HTMLTemplateElement>('panel');
    this.root = template.content.cloneNode(true).firstChild!.nextSibling as HTMLElement;
    this.#index = index;
    this.chips = this.#find('.chips');
    this.slider = this.#find<HTMLInputElement>('.strip input');
    this.root.setAttribute('aria-label', `Variant ${letters[index]}`);
    setText(this.#find('.letter'), letters[index]!);
  }

  #find<T extends HTMLElement = HTMLElement>(selector: string): T {
    return this.root.querySelector<T>(selector)!;
  }

  get #stage(): HTMLCanvasElement {
    return this.#find<HTMLCanvasElement>('.stage canvas');
  }

  areas(scene: Scene, reading: Reading) {
    return areasOf(scene.variants[this.#index]!, reading, this.#stage);
  }

  /** Forgets the dots on the pipes, after a jump in time. */
  clear(): void {
    for (const stream of Object.values(this.#streams)) stream.clear();
    this.#isEmpty = true;
  }

  draw(moment: Moment, reading: Reading, strip: DrawnStrip): void {
    const { scene, elapsedMs, hasMotion, colours, usualPerSecond, zoom } = moment;
    const variant = scene.variants[this.#index]!;
    const { firstsPerSecond, retriesPerSecond, offeredPerSecond } = reading;
    const attempts = firstsPerSecond + retriesPerSecond;
    const { width } = sizeOf(this.#stage);
    // After a jump the pipes are full at once.
    const forMs = this.#isEmpty ? width * fillMsPerPx : elapsedMs;
    this.#isEmpty = false;
    this.#streams.requests.move(forMs, offeredPerSecond, 0, width * 0.44);
    this.#streams.attempts.move(forMs, attempts, attempts && retriesPerSecond / attempts, width * 0.5);
    const pipes = { reading, usualPerSecond, streams: this.#streams, hasMotion };
    drawStage(this.#stage, { variant, pipes, zoom }, colours);
    drawStrip(this.#find<HTMLCanvasElement>('.strip canvas'), strip, colours);
    this.#say(variant.name, reading, zoom.worth);
  }

  #say(name: string, reading: Reading, worth: number): void {
    const dots = worth === 1 ? '' : `, one dot is ${worth}`;
    setText(this.#find('.name'), name);
    const [number, sign = ''] = percent(reading.goodput).split('\u00a0') as [string, string?];
    setText(this.#find('.goodput strong span'), number);
    setText(this.#find('.goodput .sign'), sign);
    this.#find('.goodput strong').className = toneOf(reading.goodput);
    setText(this.#find('.reading b'), `${reading.inFlight.toLocaleString('en')} in flight${dots}`);
    setText(this.#find('.reading span'), noteOf(reading));
  }
}
