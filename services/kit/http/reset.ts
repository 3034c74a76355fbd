import type { Socket } from 'node:net';

/**
 * Resets a connection. Danger ahead: while it tells its own end, which takes a turn of the event loop, the system refuses a
 * reset, and Node then leaves the socket open for good, without its 'close'. So that turn is waited for.
 */
export function reset(socket: Socket): void {
  const isTellingEnd = socket.writableEnded && socket.writableLength === 0 && !socket.writableFinished;
  if (isTellingEnd) socket.once('finish', () => socket.resetAndDestroy());
  else socket.resetAndDestroy();
}
