import { type AddressInfo, createServer } from 'node:net';

const body = '{"ok":true}';
const answer = [
  'HTTP/1.1 200 OK',
  'content-type: application/json; charset=utf-8',
  `content-length: ${body.length}`,
  'connection: keep-alive',
  'keep-alive: timeout=72',
  '',
  body,
].join('\r\n');
const afterMs = Number(process.argv[2]);

// Answers each received chunk without reading it, with as little work as possible: after `afterMs`, or at once if that is
// 0. For each line on stdin it prints the CPU time that it has used, in µs. Exits when its stdin ends.
const server = createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => socket.destroy());
  const respond = () => void socket.write(answer);
  socket.on('data', afterMs === 0 ? respond : () => setTimeout(respond, afterMs));
});
server.listen({ port: 0, host: '127.0.0.1', backlog: 1024 }, () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});
process.stdin.on('data', () => {
  const { user, system } = process.cpuUsage();
  process.stdout.write(`${user + system}\n`);
});
process.stdin.on('end', () => process.exit());
