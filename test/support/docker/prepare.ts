import { startDaemon } from './daemon.ts';
import { removeLeftovers } from './project.ts';
import { standIns } from './stand-ins.ts';
import { root } from './versions.ts';

/** Provides a Docker daemon and the pinned images. Resolves with a function that undoes this. Rejects with NoDocker. */
export async function prepareDocker(say: (text: string) => void): Promise<() => Promise<void>> {
  const folder = `${root}node_modules/.cache/spillway-docker`;
  const undo = [await startDaemon(folder)];
  const end = async () => {
    for (const one of undo.splice(0).reverse()) await one();
  };
  try {
    await removeLeftovers();
    undo.push(await standIns(folder, say));
    return end;
  } catch (error) {
    await end();
    throw error;
  }
}
