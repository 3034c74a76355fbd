/** Colours of pictures. Each is a custom property of the style sheet. */
export type Colour = Foreground | 'surface' | 'border' | 'offered';
type Foreground = 'first' | 'retry' | 'left' | 'text' | 'muted' | 'good' | 'bad' | 'warn';

const computed = new Map<Colour, string>();

/** Computes a colour in the current scheme. A canvas doesn't understand `light-dark()`. */
function compute(name: Colour): string {
  const probe = document.body.appendChild(document.createElement('span'));
  probe.style.color = `var(--${name})`;
  computed.set(name, getComputedStyle(probe).color);
  probe.remove();
  return computed.get(name)!;
}

/** Computes colours again when they are used next, after a change of the scheme. */
export const forgetColours = (): void => computed.clear();

type Point = readonly [x: number, y: number];
type Box = readonly [x: number, y: number, width: number, height: number];

interface Look {
  readonly colour?: Colour;
  readonly align?: 'left' | 'center' | 'right';
  readonly size?: number;
  readonly weight?: number;
}

const gapPx = 8;
let family: string | undefined;

/** Draws on a canvas that it has fitted to its box and cleared. */
export class Pen {
  readonly context: CanvasRenderingContext2D;
  readonly width: number;
  readonly height: number;
  /** Pixels of the screen in each of its own. */
  readonly scale: number;
  readonly #labels: Box[] = [];

  constructor(canvas: HTMLCanvasElement) {
    // On a projector the pixels of the drawing are larger, so that texts are.
    const scale = document.documentElement.classList.contains('projector') ? 1.5 : 1;
    const [width, height] = [canvas.clientWidth / scale, canvas.clientHeight / scale];
    const ratio = (window.devicePixelRatio || 1) * scale;
    const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (canvas.width !== wide || canvas.height !== high) Object.assign(canvas, { width: wide, height: high });
    this.context = canvas.getContext('2d')!;
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.context.clearRect(0, 0, width, height);
    [this.width, this.height, this.scale] = [width, height, ratio];
  }

  colour(name: Colour): string {
    return computed.get(name) ?? compute(name);
  }

  box(box: Box, colour: Colour, opacity = 1): void {
    Object.assign(this.context, { fillStyle: this.colour(colour), globalAlpha: opacity });
    this.context.fillRect(...box);
    this.context.globalAlpha = 1;
  }

  disc([x, y]: Point, radius: number, colour: Colour): void {
    this.context.fillStyle = this.colour(colour);
    this.context.beginPath();
    this.context.arc(x, y, radius, 0, 2 * Math.PI);
    this.context.fill();
  }

  /** Draws a part of a circle, clockwise from its top. */
  arc([x, y]: Point, radius: number, share: number, colour: Colour): void {
    Object.assign(this.context, { strokeStyle: this.colour(colour), lineWidth: 3 });
    this.context.beginPath();
    this.context.arc(x, y, radius, -Math.PI / 2, (share * 2 - 0.5) * Math.PI);
    this.context.stroke();
  }

  /** Draws a line through points, each an x and a y. */
  line(points: readonly number[], colour: Colour, width = 1.5, dash: readonly number[] = []): void {
    Object.assign(this.context, { strokeStyle: this.colour(colour), lineWidth: width });
    this.context.setLineDash([...dash]);
    this.context.beginPath();
    for (let at = 0; at < points.length; at += 2) this.context.lineTo(points[at]!, points[at + 1]!);
    this.context.stroke();
    this.context.setLineDash([]);
  }

  /**
   * Writes a text within the picture. A text never covers an earlier one: it moves right past it, and is left out if it
   * then has no room. Returns true if it is written.
   */
  write(text: string, [x, y]: Point, look: Look = {}): boolean {
    const { colour = 'muted', align = 'left', size = 13, weight = 400 } = look;
    // Asked once: each answer makes the browser compute the style of the page again.
    family ??= getComputedStyle(document.body).fontFamily;
    this.context.font = `${weight} ${size}px ${family}`;
    this.context.textBaseline = 'middle';
    const { width } = this.context.measureText(text);
    const wanted = align === 'right' ? x - width : align === 'center' ? x - width / 2 : x;
    let left = Math.max(0, Math.min(wanted, this.width - width));
    for (const [from, top, wide, high] of this.#labels.toSorted((one, other) => one[0] - other[0])) {
      const after = from + wide + gapPx;
      if (Math.abs(top - y) * 2 < high + size && left + width + gapPx > from && left < after) left = after;
    }
    if (left + width > this.width + 1) return false;
    this.#labels.push([left, y, width, size]);
    this.context.fillStyle = this.colour(colour);
    this.context.fillText(text, left, y);
    return true;
  }
}
