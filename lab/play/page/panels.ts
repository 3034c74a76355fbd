import type { Strip } from '#lab/play/frame.ts';
import type { SceneVariant } from '#lab/play/scene.ts';
import { sides } from '#lab/play/setting.ts';
import type { Reading } from './moment/readings.ts';
import { noteOf, percent, toneOf } from './moment/sentence.ts';
import { pitchFor, worthOf } from './picture/dots.ts';
import { byId, set, setText } from './picture/elements.ts';
import { Pen } from './picture/pen.ts';
import type { Picture } from './picture/pipes.ts';
import { areasOf, drawStage } from './picture/stage.ts';
import { drawStrip } from './picture/strip.ts';

class Panel {
  readonly root = document
    .importNode(byId<HTMLTemplateElement>('panel').content, true)
    .querySelector('section')!;
  readonly chips = this.#find('.chips');
  readonly slider = this.#find<HTMLInputElement>('.strip input');
  readonly letters = this.#find('.letters');
  readonly stage = this.#find<HTMLCanvasElement>('.stage canvas');
  readonly strip = this.#find<HTMLCanvasElement>('.strip canvas');

  constructor(letter: string) {
    this.root.ariaLabel = `Variant ${letter}`;
    setText(this.#find('.letter'), letter);
  }

  #find<T extends HTMLElement = HTMLElement>(selector: string): T {
    return this.root.querySelector<T>(selector)!;
  }

  /** Shows the figures of a moment. Without any, its simulation has just begun. */
  write(name: string, reading?: Reading): void {
    const [count = '', note = ''] = reading ? noteOf(reading) : ['simulating …'];
    const reasons = Object.values(reading?.frame.deadReasons ?? {});
    const deadLetters = reasons.reduce((total, each) => total + each, 0);
    const letters = `${'×'.repeat(Math.min(deadLetters, 20))} ${deadLetters.toLocaleString('en')} dead letters`;
    const texts = { name, number: percent(reading?.goodput), count, note, letters };
    for (const [part, text] of Object.entries(texts)) setText(this.#find(`.${part}`), text);
    this.letters.hidden = deadLetters === 0;
    set(this.#find('.goodput'), 'className', `goodput ${toneOf(reading?.goodput)}`);
    const atMs = reading?.atMs ?? 0;
    this.slider.value = String(atMs);
    set(this.slider, 'ariaValueText', `${(atMs / 1000).toFixed(1)} s`);
  }
}

/** Dots of a picture before one is ten calls. */
const dotsMax = () => (window.innerWidth <= 760 ? 600 : 4000);
/** Fewer dots than this don't fill the picture: at the start the line is well above the floor. */
const dotsMin = 90;

/** Moment of both variants. Without readings no frame has arrived. */
interface Moment extends Pick<Picture, 'scene' | 'hasMotion'> {
  readonly variants: readonly SceneVariant[];
  readonly readings: readonly Reading[];
  readonly strips: readonly Strip[];
}

/** Both panels with what they share: zoom and the scale of their strips. */
export class Panels {
  readonly each = sides.map((side) => new Panel(side));

  constructor() {
    byId('panels').replaceChildren(...this.each.map(({ root }) => root));
  }

  draw({ scene, variants, readings, strips, hasMotion }: Moment): void {
    const pens = this.each.map(({ stage, strip }) => [new Pen(stage), new Pen(strip)] as const);
    const areas = readings.flatMap((reading, index) => areasOf(variants[index]!, reading, pens[index]![0]));
    const worth = worthOf(areas, dotsMax());
    const inDots = areas.map((area) => ({ ...area, count: Math.max(area.count / worth, dotsMin) }));
    const pitch = pitchFor(inDots);
    const most = Math.max(1, ...strips.flatMap(({ offered }) => offered));
    const shared = { scene, most, pitch, worth, hasMotion };
    for (const [index, reading] of readings.entries()) {
      const [variant, strip] = [variants[index]!, strips[index]!];
      const picture = { ...shared, variant, reading, strip };
      drawStage(pens[index]![0], picture);
      drawStrip(pens[index]![1], picture);
    }
  }

  /** Writes the texts of the last picture. Each that changes makes the browser measure the page again. */
  write({ variants, readings }: Pick<Moment, 'variants' | 'readings'>): void {
    for (const [index, panel] of this.each.entries()) panel.write(variants[index]!.name, readings[index]);
  }
}
