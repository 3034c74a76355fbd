import type { Scene } from '#lab/play/frame.ts';
import { binsOf, type Reading } from './moment/readings.ts';
import { letters, noteOf, percent, toneOf } from './moment/sentence.ts';
import type { Run } from './moment/timeline.ts';
import { byId, setText } from './picture/elements.ts';
import { type Colours, Pen, readColours } from './picture/pen.ts';
import { pitchFor, worthOf } from './picture/pile.ts';
import { areasOf, drawStage, type Staged } from './picture/stage.ts';
import { binMsOf, type DrawnStrip, drawStrip } from './picture/strip.ts';

/** One variant's panel. */
class Panel {
  readonly root: HTMLElement;
  readonly chips: HTMLElement;
  readonly slider: HTMLInputElement;
  readonly letters: HTMLElement;
  readonly #stage: HTMLCanvasElement;

  constructor(letter: string) {
    const template = byId<HTMLTemplateElement>('panel').content.firstElementChild!;
    this.root = template.cloneNode(true) as HTMLElement;
    this.chips = this.#find('.chips');
    this.slider = this.#find('.strip input');
    this.letters = this.#find('.letters');
    this.#stage = this.#find('.stage canvas');
    this.root.setAttribute('aria-label', `Variant ${letter}`);
    setText(this.#find('.letter'), letter);
  }

  #find<T extends HTMLElement>(selector: string): T {
    return this.root.querySelector<T>(selector)!;
  }

  areas(variant: Scene['variants'][number], reading: Reading) {
    return areasOf(variant, reading, this.#stage);
  }

  draw(staged: Staged, strip: DrawnStrip, colours: Colours): void {
    drawStage(new Pen(this.#stage, colours), staged);
    drawStrip(new Pen(this.#find('.strip canvas'), colours), strip);
    const { reading, variant, zoom } = staged;
    const { goodput, atMs, frame } = reading;
    setText(this.#find('.name'), variant.name);
    const [number, sign = ''] = percent(goodput).split('\u00a0') as [string, string?];
    setText(this.#find('.number'), number);
    setText(this.#find('.sign'), sign);
    this.#find('.goodput').className = `goodput ${toneOf(goodput)}`;
    const [count, note] = noteOf(reading);
    setText(this.#find('.reading b'), count);
    setText(this.#find('.worth'), zoom.worth === 1 ? '' : `one dot is ${zoom.worth}`);
    setText(this.#find('.reading span'), note);
    this.slider.value = String(atMs);
    this.slider.setAttribute('aria-valuetext', `${(atMs / 1000).toFixed(1)} s`);
    const { deadLetters = 0 } = frame;
    this.letters.hidden = deadLetters === 0;
    setText(
      this.letters,
      `${'×'.repeat(Math.min(deadLetters, 20))} ${deadLetters.toLocaleString('en')} dead letters`,
    );
  }
}

/** Dots of a picture before one is ten calls. */
const dotsMax = () => (window.innerWidth <= 760 ? 600 : 4000);
/** Fewer dots than this don't fill the picture: at the start the line is well above the floor. */
const dotsMin = 90;

/** Both panels with what they share: zoom, colours and the scale of their strips. */
export class Panels {
  readonly each = letters.map((letter) => new Panel(letter));
  colours: Colours = readColours();
  #pitch: number | undefined;

  constructor() {
    byId('panels').replaceChildren(...this.each.map(({ root }) => root));
  }

  /** Takes the colours again, after a change of the scheme. */
  recolour(): void {
    this.colours = readColours();
  }

  draw(
    { scene, frames, strips }: Run,
    readings: readonly Reading[],
    marks: DrawnStrip['marks'],
    hasMotion: boolean,
  ): void {
    if (!scene) return;
    const areas = this.each.flatMap((panel, index) => panel.areas(scene.variants[index]!, readings[index]!));
    const worth = worthOf(
      areas.map(({ count }) => count),
      dotsMax(),
    );
    const inDots = areas.map((area) => ({ ...area, count: Math.max(area.count / worth, dotsMin) }));
    this.#pitch = pitchFor(inDots, this.#pitch);
    const zoom = { pitch: this.#pitch, worth };
    const binMs = binMsOf(scene.endMs);
    const bins = strips.map((strip) => binsOf(strip, binMs));
    const most = Math.max(...bins.flat().map(({ offered }) => offered));
    const usualPerSecond = frames[0]![0]!.offeredPerSecond || 1;
    for (const [index, panel] of this.each.entries()) {
      const [reading, variant] = [readings[index]!, scene.variants[index]!];
      const { atMs } = reading;
      const shown = bins[index]!.filter(({ fromMs }) => fromMs < atMs);
      const strip = { scene, bins: shown, most, atMs, binMs, marks };
      panel.draw({ variant, reading, zoom, usualPerSecond, hasMotion }, strip, this.colours);
    }
  }
}
