import type { Socket } from 'node:net';

/**
 * Resets a connection. If the socket is sending its FIN, first waits until the FIN is sent, which takes a turn of the
 * event loop. A reset before that would fail in the system. Node would then leave the socket open forever, without a
 * 'close' event.
 */
export function reset(socket: Socket): void {
  const isTellingEnd = socket.writableEnded && socket.writableLength === 0 && !socket.writableFinished;
  if (isTellingEnd) socket.once('finish', () => socket.resetAndDestroy());
  else socket.resetAndDestroy();
}
