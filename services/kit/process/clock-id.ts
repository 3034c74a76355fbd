import * as fs from 'node:fs';

/**
 * Id of the clock that `systemClock` reads: the boot of the machine and the time namespace of the process. Processes
 * with the same id read the same clock. Undefined on systems without such an id.
 */
export const clockId: string | undefined = readClockId();

function readClockId(): string | undefined {
  try {
    const boot = fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot} ${timeNamespace()}`;
  } catch {
    return undefined;
  }
}

/** Kernels without time namespaces have one clock for all processes. */
function timeNamespace(): string {
  try {
    return fs.readlinkSync('/proc/self/ns/time');
  } catch {
    return '';
  }
}
