// Entry of the service `lab`: the spillway command as the owner of the folder of runs, so that they belong to the owner.
const { accessSync, constants, statSync } = require('node:fs');

const runs = '/work/runs';
if (process.getuid() === 0) {
  const { uid, gid } = statSync(runs);
  process.setgroups([]);
  process.setgid(gid);
  process.setuid(uid);
}
try {
  accessSync(runs, constants.W_OK);
} catch {
  const user = `${process.getuid()}:${process.getgid()}`;
  console.error(`The user ${user} can't write the folder of runs: allow it, or start lab without --user.`);
}
require('../bin/spillway.cjs');
