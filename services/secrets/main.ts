import { makeSecrets } from './secrets.ts';

const written = makeSecrets('/run');
process.stdout.write(written.length > 0 ? `made up ${written.join(', ')}\n` : 'all secrets are there\n');
