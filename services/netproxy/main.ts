import { runService } from '#kit/service.ts';
import { netproxy } from './netproxy.ts';

await runService('netproxy', {}, netproxy);
