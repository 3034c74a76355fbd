/** Names of the colours that pictures use; each is a custom property of the style sheet. */
const names = [
  ...['first', 'retry', 'left', 'text', 'muted', 'surface', 'border', 'good', 'bad', 'warn'],
  ...['offered', 'cause', 'pipe', 'ground'],
] as const;
export type Colours = Readonly<Record<(typeof names)[number], string>>;

/** Reads the colours of the current scheme. A canvas doesn't understand `light-dark()`, a computed colour it does. */
export function readColours(): Colours {
  const probe = document.body.appendChild(document.createElement('span'));
  const entries = names.map((name) => {
    probe.style.color = `var(--${name})`;
    return [name, getComputedStyle(probe).color];
  });
  probe.remove();
  return Object.fromEntries(entries);
}

/** Canvas with the size of its box, drawn in its own pixels. */
export interface Surface {
  readonly context: CanvasRenderingContext2D;
  readonly width: number;
  readonly height: number;
  /** Pixels of the screen in each of its own. */
  readonly scale: number;
}

/** Returns the size of a canvas in the pixels of its drawing. On a projector they are larger, so that texts are. */
export function sizeOf({ clientWidth, clientHeight }: HTMLCanvasElement) {
  const scale = document.documentElement.classList.contains('projector') ? 1.5 : 1;
  return { width: clientWidth / scale, height: clientHeight / scale, scale };
}

/** Fits a canvas to its box and clears it. */
export function clear(canvas: HTMLCanvasElement): Surface {
  const { width, height, scale } = sizeOf(canvas);
  const ratio = (window.devicePixelRatio || 1) * scale;
  const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== wide || canvas.height !== high) Object.assign(canvas, { width: wide, height: high });
  const context = canvas.getContext('2d')!;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height, scale: ratio };
}

interface Label {
  readonly x: number;
  readonly y: number;
  readonly colour: string;
  readonly align?: CanvasTextAlign;
  readonly size?: number;
  readonly weight?: number;
  /** Colour of a box behind the text, where it lies on dots. */
  readonly behind?: string;
}

let family: string | undefined;

/** Writes a text on a canvas. Returns its width. */
export function write(context: CanvasRenderingContext2D, text: string, label: Label): number {
  const { x, y, colour, align = 'left', size = 13, weight = 400, behind } = label;
  // Asked once: each answer makes the browser compute the style of the page again.
  family ??= getComputedStyle(document.body).fontFamily;
  context.font = `${weight} ${size}px ${family}`;
  context.textAlign = align;
  context.textBaseline = 'middle';
  const { width } = context.measureText(text);
  if (behind !== undefined) {
    const left = align === 'right' ? x - width : align === 'center' ? x - width / 2 : x;
    context.fillStyle = behind;
    context.beginPath();
    context.roundRect(left - 6, y - size * 0.8, width + 12, size * 1.6, 4);
    context.fill();
  }
  context.fillStyle = colour;
  context.fillText(text, x, y);
  return width;
}

/** Draws a dashed line. */
export function dashed(
  context: CanvasRenderingContext2D,
  [fromX, fromY]: readonly [number, number],
  [toX, toY]: readonly [number, number],
  colour: string,
): void {
  Object.assign(context, { strokeStyle: colour, lineWidth: 1.5 });
  context.setLineDash([6, 5]);
  context.beginPath();
  context.moveTo(fromX, fromY);
  context.lineTo(toX, toY);
  context.stroke();
  context.setLineDash([]);
}

export function disc(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  radius: number,
  colour: string,
): void {
  context.fillStyle = colour;
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fill();
}

export function box(
  context: CanvasRenderingContext2D,
  [x, y, width, height]: readonly [number, number, number, number],
  colour: string,
): void {
  context.fillStyle = colour;
  context.fillRect(x, y, width, height);
}
