import { binsOf, type Reading } from './moment/readings.ts';
import type { Timeline } from './moment/timeline.ts';
import { type Motion, Panel } from './panel.ts';
import { type Colours, readColours } from './picture/canvas.ts';
import { byId } from './picture/elements.ts';
import { pitchFor, worthOf } from './picture/pile.ts';
import { binMsOf, type DrawnStrip } from './picture/strip.ts';

const isNarrow = () => window.innerWidth <= 760;
/** Fewer dots than this don't fill the picture: at the start the line is well above the floor. */
const dotsMin = 90;

/** Both panels with what they share: zoom, colours and the scale of their strips. */
export class Scenery {
  readonly panels = [new Panel(0), new Panel(1)] as const;
  colours: Colours = readColours();
  /** Changes of the load, which the strips mark. */
  marks: DrawnStrip['marks'] = [];
  #pitch: number | undefined;

  constructor() {
    byId('panels').replaceChildren(...this.panels.map(({ root }) => root));
  }

  /** Takes the colours again, after a change of the scheme. */
  recolour(): void {
    this.colours = readColours();
  }

  clear(): void {
    for (const panel of this.panels) panel.clear();
  }

  draw(timeline: Timeline, readings: readonly Reading[], motion: Motion): void {
    const scene = timeline.scene!;
    const worth = worthOf(
      readings.map(({ inFlight, frame }) => Math.max(inFlight, frame.queue?.waiting ?? 0)),
      isNarrow() ? 600 : 4000,
    );
    const areas = this.panels.flatMap((panel, index) => panel.areas(scene, readings[index]!));
    const inDots = areas.map((area) => ({ ...area, count: Math.max(area.count / worth, dotsMin) }));
    this.#pitch = pitchFor(inDots, this.#pitch);
    const zoom = { pitch: this.#pitch, worth };
    const { atMs } = readings[0]!.frame;
    const { endMs } = scene;
    const binMs = binMsOf(endMs);
    const bins = timeline.strips.map((strip) => binsOf(strip, binMs));
    const most = Math.max(...bins.flat().map(({ offered }) => offered));
    const usualPerSecond = timeline.frames[0]![0]!.offeredPerSecond || 1;
    const moment = { scene, zoom, usualPerSecond, colours: this.colours, ...motion };
    for (const [index, panel] of this.panels.entries()) {
      const shown = bins[index]!.filter(({ fromMs }) => fromMs < atMs);
      const strip = { scene, bins: shown, most, atMs, endMs, binMs, marks: this.marks };
      panel.draw(moment, readings[index]!, strip);
    }
  }
}
