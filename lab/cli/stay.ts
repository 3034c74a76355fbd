import { wallTime } from '#kit/clock.ts';
import { exitCodes } from '#lab/errors/exit-codes.ts';
import { startLocal } from '#lab/testbed/local/local.ts';
import { aborted } from '#lab/testbed/process/aborted.ts';
import { clearState, stateFolder, writeState } from '#lab/testbed/state.ts';
import type { LocalAddresses } from '#lab/testbed/testbed.ts';
import { utc } from '#lab/text/format.ts';
import { interruptSignal } from './interrupt.ts';
import { portsFrom } from './ports.ts';

/** Owns a testbed until it is interrupted. Returns the exit code; rejects when the testbed does not start or dies. */
export async function stay(logFolder: string, portBase?: number): Promise<number> {
  const signal = interruptSignal(exitCodes.interrupted);
  const tellStarter = heedStarter();
  try {
    await keepUp({ logFolder, ports: portsFrom(portBase), signal }, tellStarter);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return exitCodes.interrupted;
}

async function keepUp(
  options: Parameters<typeof startLocal>[0] & { readonly signal: AbortSignal },
  tellStarter: () => void,
): Promise<never> {
  const { signal } = options;
  const news: string[] = [];
  let remember = (): void => undefined;
  const hear = (message: string) => {
    news.push(`${utc(wallTime().toISOString())}: ${message}`);
    remember();
  };
  const onLoss = (message: string) => {
    process.stderr.write(`${message}\n`);
    hear(message);
  };
  const testbed = await startLocal({ ...options, loginFolder: stateFolder, onLoss });
  try {
    remember = () => writeState(addressesOf(testbed), news);
    remember();
    process.stdout.write(`The testbed is up:\n${describe(testbed)}`);
    tellStarter();
    return await Promise.race([testbed.died, aborted(signal)]);
  } catch (error) {
    if (!signal.aborted) hear((error as Error).message);
    throw error;
  } finally {
    await testbed.stop();
    // Of a testbed that has ended by itself the next `up` or `down` tells why.
    if (signal.aborted) clearState();
  }
}

const addressesOf = (testbed: LocalAddresses): LocalAddresses => {
  const { control, traffic, natsUrl, natsCredentials, consumerLoginFile, prometheusUrl } = testbed;
  return { control, traffic, natsUrl, natsCredentials, consumerLoginFile, prometheusUrl };
};

/** Who started us in the background takes it back by going away; returns what to call once it is told that we are up. */
function heedStarter(): () => void {
  const giveUp = () => process.kill(process.pid, 'SIGTERM');
  process.once('disconnect', giveUp);
  process.channel?.unref();
  // It may have gone while we loaded.
  if (process.connected === false) giveUp();
  return () => {
    process.off('disconnect', giveUp);
    if (process.connected) process.send?.('up', () => process.connected && process.disconnect());
  };
}

/** Where the parts of a testbed are, a line each. */
export function describe(addresses: LocalAddresses): string {
  const { control, traffic, natsUrl, consumerLoginFile, prometheusUrl } = addresses;
  const urls = {
    'gateway POST /rpc': `${traffic.gateway}/rpc`,
    'publisher POST /events': `${traffic.publisher}/events`,
    'downstream POST /work': `${traffic.downstream}/work`,
    broker: natsUrl,
    ...(consumerLoginFile && { 'login of a consumer': consumerLoginFile }),
    ...Object.fromEntries(Object.entries(control).map(([name, url]) => [`${name} control`, url])),
    ...(prometheusUrl && { prometheus: prometheusUrl }),
  };
  return Object.entries(urls)
    .map(([name, url]) => `  ${name.padEnd(24)}${url}\n`)
    .join('');
}
