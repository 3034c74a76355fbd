import { resolveName } from '#kit/http-client/replica-slots.ts';
import { addressOf } from '#kit/urls.ts';

const answerWithinMs = 5000;

/**
 * Injects a fault into all replicas of a service, in place of an active one of this name. Without `injected`, clears the
 * fault. `control` is the URL of a control port, e.g. `http://downstream:8081`. Rejects with an Error unless all replicas
 * accept.
 */
export async function changeFault(
  control: string,
  token: string,
  name: string,
  injected?: { readonly leaseMs: number; readonly fault: object },
): Promise<void> {
  const { host, port } = addressOf(control);
  const ask = async (address: string) => {
    const answer = await fetch(`http://${address}:${port}/faults/${encodeURIComponent(name)}`, {
      method: injected ? 'PUT' : 'DELETE',
      headers: {
        ...(token !== '' && { authorization: `Bearer ${token}` }),
        ...(injected && { 'content-type': 'application/json' }),
      },
      body: injected ? JSON.stringify(injected) : null,
      signal: AbortSignal.timeout(answerWithinMs),
    });
    if (!answer.ok) throw new Error(`${host} refused the fault ${name}: ${await answer.text()}`);
  };
  await Promise.all((await resolveName(host)).map(ask));
}
