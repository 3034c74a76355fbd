import { makeSecrets } from './secrets.ts';

const written = makeSecrets('/run', JSON.parse(process.env.CLUSTER ?? '[]'));
process.stdout.write(written.length > 0 ? `made up ${written.join(', ')}\n` : 'all secrets are there\n');
