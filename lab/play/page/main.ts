import { readAddress } from '#lab/play/address.ts';
import type { Playable } from '#lab/play/setting.ts';

const playables: readonly Playable[] = JSON.parse(document.getElementById('playables')!.textContent!);
document.getElementById('panels')!.textContent = readAddress(location.hash, playables).setting.id;
