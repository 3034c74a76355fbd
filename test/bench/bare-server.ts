import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const afterMs = Number(process.argv[2]);

// Answers after `afterMs` with node:http alone, to compare downstream with the least possible CPU time. For each line
// on stdin it prints the CPU time that it has used, in µs, and the number of accepted connections. Exits when stdin
// ends.
const server = createServer({ keepAliveTimeout: 72_000, noDelay: true }, (request, response) => {
  request.resume().on('end', () => {
    setTimeout(() => {
      response.setHeader('content-type', 'application/json');
      response.end('{"ok":true}');
    }, afterMs);
  });
});
let connections = 0;
server.on('connection', () => {
  connections += 1;
});
server.listen({ port: 0, host: '127.0.0.1', backlog: 1024 }, () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
process.stdin.on('data', () => {
  const { user, system } = process.cpuUsage();
  process.stdout.write(`${user + system} ${connections}\n`);
});
process.stdin.on('end', () => process.exit());
