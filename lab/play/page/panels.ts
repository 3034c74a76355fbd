import { binsOf, type Reading } from './moment/readings.ts';
import { letters, noteOf, percent, toneOf } from './moment/sentence.ts';
import type { Timeline } from './moment/timeline.ts';
import { byId, setText } from './picture/elements.ts';
import { Pen } from './picture/pen.ts';
import { pitchFor, worthOf } from './picture/pile.ts';
import { areasOf, drawStage, type Staged } from './picture/stage.ts';
import { binMsOf, type DrawnStrip, drawStrip, type Marks } from './picture/strip.ts';

/** Panel of a variant. */
class Panel {
  readonly root = byId<HTMLTemplateElement>('panel').content.firstElementChild!.cloneNode(
    true,
  ) as HTMLElement;
  readonly chips = this.#find('.chips');
  readonly slider = this.#find<HTMLInputElement>('.strip input');
  readonly letters = this.#find('.letters');
  readonly stage = this.#find<HTMLCanvasElement>('.stage canvas');

  constructor(letter: string) {
    this.root.ariaLabel = `Variant ${letter}`;
    setText(this.#find('.letter'), letter);
  }

  #find<T extends HTMLElement = HTMLElement>(selector: string): T {
    return this.root.querySelector<T>(selector)!;
  }

  draw(staged: Staged, strip: DrawnStrip): void {
    drawStage(new Pen(this.stage), staged);
    drawStrip(new Pen(this.#find('.strip canvas')), strip);
    const { reading, variant, zoom } = staged;
    const { goodput, atMs, frame } = reading;
    const { deadLetters = 0 } = frame;
    const [number = '', sign = ''] = percent(goodput).split('\u00a0');
    const [count, note] = noteOf(reading);
    const worth = zoom.worth === 1 ? '' : `· one dot is ${zoom.worth}`;
    const crosses = '×'.repeat(Math.min(deadLetters, 20));
    const letters = `${crosses} ${deadLetters.toLocaleString('en')} dead letters`;
    const texts = { name: variant.name, number, sign, count, note, worth, letters };
    for (const [name, text] of Object.entries(texts)) setText(this.#find(`.${name}`), text);
    this.letters.hidden = deadLetters === 0;
    this.#find('.goodput').className = `goodput ${toneOf(goodput)}`;
    this.slider.value = String(atMs);
    this.slider.ariaValueText = `${(atMs / 1000).toFixed(1)} s`;
  }
}

/** Dots of a picture before one is ten calls. */
const dotsMax = () => (window.innerWidth <= 760 ? 600 : 4000);
/** Fewer dots than this don't fill the picture: at the start the line is well above the floor. */
const dotsMin = 90;

/** Both panels with what they share: zoom and the scale of their strips. */
export class Panels {
  readonly each = letters.map((letter) => new Panel(letter));
  #pitch: number | undefined;

  constructor() {
    byId('panels').replaceChildren(...this.each.map(({ root }) => root));
  }

  draw(
    { scene, frames, strips }: Timeline,
    readings: readonly Reading[],
    marks: Marks,
    hasMotion: boolean,
  ): void {
    if (!scene) return;
    const variants = scene.variants.map((variant, index) => ({ variant, reading: readings[index]! }));
    const areas = this.each.flatMap(({ stage }, index) => areasOf(variants[index]!, stage));
    const counts = areas.map(({ count }) => count);
    const worth = worthOf(counts, dotsMax());
    const inDots = areas.map((area) => ({ ...area, count: Math.max(area.count / worth, dotsMin) }));
    this.#pitch = pitchFor(inDots, this.#pitch);
    const zoom = { pitch: this.#pitch, worth };
    const binMs = binMsOf(scene.endMs);
    const bins = strips.map((strip) => binsOf(strip, binMs));
    const most = Math.max(...bins.flat().map(({ offered }) => offered));
    const usualPerSecond = frames[0]![0]!.offeredPerSecond || 1;
    const { atMs } = readings[0]!;
    for (const [index, panel] of this.each.entries()) {
      const shown = bins[index]!.filter(({ fromMs }) => fromMs < atMs);
      const strip = { scene, bins: shown, most, atMs, binMs, marks };
      panel.draw({ ...variants[index]!, zoom, usualPerSecond, hasMotion }, strip);
    }
  }
}
