/**
 * Options of Node for the generator and the services. Left alone, the young generation of a process's heap grows with the
 * rate until memory has doubled and a collection stops everything for 20 ms; a small one takes 1 to 3 ms.
 */
export const nodeOptions: readonly string[] = ['--max-semi-space-size=8'];
