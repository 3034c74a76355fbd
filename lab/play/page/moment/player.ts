export const speeds = [0.25, 0.5, 1, 2, 4, 8] as const;
export const stepMs = 50;
/** A longer time between two pictures means a machine that slept. */
const gapMsMax = 10_000;
/** Longest time that one picture moves on, so that a busy machine skips nothing. */
const pictureMsMax = 250;

export interface Player {
  readonly atMs: number;
  readonly speed: number;
  readonly isPlaying: boolean;
}

/**
 * Moves on by the time since the last picture. It never passes the frames that have arrived. It pauses at the end, and after
 * a gap, as when the machine slept.
 */
export function advance(player: Player, elapsedMs: number, arrivedMs: number, endMs: number): Player {
  if (!player.isPlaying) return player;
  if (elapsedMs > gapMsMax) return { ...player, isPlaying: false };
  const atMs = Math.min(player.atMs + Math.min(elapsedMs, pictureMsMax) * player.speed, arrivedMs, endMs);
  return { ...player, atMs: Math.max(atMs, player.atMs), isPlaying: atMs < endMs };
}

export const seek = (player: Player, atMs: number, endMs: number): Player => ({
  ...player,
  atMs: Math.min(Math.max(0, atMs), endMs),
});

/** Returns the speed at which a timeline takes about ten seconds, like a short film. */
export function speedFor(endMs: number): number {
  const distance = (speed: number) => Math.abs(Math.log(endMs / speed / 10_000));
  return speeds.reduce((best, speed) => (distance(speed) < distance(best) ? speed : best));
}
