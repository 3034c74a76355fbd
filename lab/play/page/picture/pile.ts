/** Part of a panel that dots fill row by row from the floor. */
export interface Area {
  readonly width: number;
  readonly height: number;
  readonly count: number;
}

/** Distances between dots in px, in steps, so that the pile rarely moves as a whole. Whole pixels look even. */
const pitches = [20, 17, 14, 12, 10, 8, 7, 6, 5, 4, 3] as const;

const capacity = ({ width, height }: Area, pitch: number): number =>
  Math.floor(width / pitch) * Math.floor(height / pitch);

/** Returns the largest distance between dots at which all areas hold their dots, each with room for `spare` times more. */
function fitting(areas: readonly Area[], spare: number): number {
  const fits = (pitch: number) => areas.every((area) => capacity(area, pitch) >= area.count * spare);
  return pitches.find(fits) ?? pitches.at(-1)!;
}

/** Returns the distance between dots, shared by all areas. It shrinks at once, and grows only if room is to spare. */
export function pitchFor(areas: readonly Area[], before: number = pitches[0]): number {
  const needed = fitting(areas, 1.05);
  return needed < before ? needed : Math.max(before, fitting(areas, 1.5));
}

/** Returns how many calls a dot stands for: ten if the picture would have too many. */
export function worthOf(areas: readonly Pick<Area, 'count'>[], dotsMax: number): number {
  let worth = 1;
  while (areas.some(({ count }) => count / worth > dotsMax)) worth *= 10;
  return worth;
}

/** Returns the height of a number of dots above the floor, as if they were a fluid. */
export const levelOf = (count: number, width: number, pitch: number): number =>
  (count / Math.floor(width / pitch)) * pitch;
