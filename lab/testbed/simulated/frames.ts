import type { SimulatedSocket } from './network.ts';

/** Number and length of a frame, as its first bytes. */
const headBytes = 8;

/** Makes and reads frames. A frame stands for a message, and has as many bytes. */
export class Frames {
  #count = 0;
  readonly #unread = new Map<number, (socket: SimulatedSocket) => void>();

  /** Returns a frame. `arrived` is called when a socket has read all of it. */
  frame(bytes: number, arrived: (socket: SimulatedSocket) => void): Buffer {
    const frame = Buffer.alloc(Math.max(headBytes, bytes));
    this.#count += 1;
    frame.writeUInt32BE(this.#count, 0);
    frame.writeUInt32BE(frame.length, 4);
    this.#unread.set(this.#count, arrived);
    return frame;
  }

  read(socket: SimulatedSocket): void {
    let read = Buffer.alloc(0);
    socket.on('data', (data: Buffer) => {
      read = Buffer.concat([read, data]);
      while (read.length >= headBytes && read.length >= read.readUInt32BE(4)) {
        const number = read.readUInt32BE(0);
        read = read.subarray(read.readUInt32BE(4));
        const arrived = this.#unread.get(number);
        this.#unread.delete(number);
        arrived?.(socket);
      }
    });
    socket.resume();
  }
}
