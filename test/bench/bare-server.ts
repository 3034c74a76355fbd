import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const afterMs = Number(process.argv[2]);

// Answers like downstream after `afterMs`, with node:http alone. For each line on stdin it prints the CPU time that it
// has used, in µs. Exits when stdin ends.
const server = createServer({ keepAliveTimeout: 72_000, noDelay: true }, (request, response) => {
  request.resume().on('end', () => {
    setTimeout(() => {
      response.setHeader('content-type', 'application/json');
      response.end('{"id":"r12345","duplicate":false}');
    }, afterMs);
  });
});
server.listen({ port: 0, host: '127.0.0.1', backlog: 1024 }, () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
process.stdin.on('data', () => {
  const { user, system } = process.cpuUsage();
  process.stdout.write(`${user + system}\n`);
});
process.stdin.on('end', () => process.exit());
