import type { Socket } from 'node:net';

/**
 * Resets a connection. If the socket is sending its FIN, waits until that is sent, which takes a turn of the event
 * loop. A reset meanwhile fails in the system, and Node then leaves the socket open for good, without a 'close' event.
 */
export function reset(socket: Socket): void {
  const isTellingEnd = socket.writableEnded && socket.writableLength === 0 && !socket.writableFinished;
  if (isTellingEnd) socket.once('finish', () => socket.resetAndDestroy());
  else socket.resetAndDestroy();
}
