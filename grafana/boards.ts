import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { overview } from './boards/overview.ts';

/** Every dashboard by the name of its file, the first one being what Grafana opens with. */
export const boards: Readonly<Record<string, Dashboard>> = { overview };
