import { type Aliases, importsOf, resolve } from './imports.ts';

/**
 * Finds files and folders that import each other, directly or through others, type imports included. Compares the
 * entries of each folder; a subfolder stands for all files in it. Returns a line for each cycle, with one import for
 * each of its steps.
 */
export function cyclesIn(code: ReadonlyMap<string, string>, aliases: Aliases): string[] {
  const levels = new Map<string, Graph>();
  for (const [file, text] of code) {
    for (const { specifier } of importsOf(text)) {
      const target = resolve(file, specifier, aliases);
      if (target !== undefined && target !== file) addStep(levels, file, target);
    }
  }
  return [...levels.values()].flatMap((graph) => {
    const cycle = cycleIn(graph);
    return cycle ? [cycle.map(({ file, target }) => `${file} imports ${target}`).join(', ')] : [];
  });
}

interface Step {
  readonly file: string;
  readonly target: string;
}

/** Importing unit → imported unit → an import between them. A unit is a file or folder. */
type Graph = Map<string, Map<string, Step>>;

function addStep(levels: Map<string, Graph>, file: string, target: string): void {
  const [from, to] = [file.split('/'), target.split('/')];
  let depth = 0;
  while (from[depth] === to[depth]) depth += 1;
  const folder = from.slice(0, depth).join('/');
  const graph = levels.get(folder) ?? new Map();
  levels.set(folder, graph);
  const steps = graph.get(from[depth]) ?? new Map();
  graph.set(from[depth], steps);
  if (!steps.has(to[depth])) steps.set(to[depth], { file, target });
}

/** Returns the steps of one cycle; undefined without cycles. */
function cycleIn(graph: Graph): Step[] | undefined {
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (unit: string): Step[] | undefined => {
    if (done.has(unit)) return undefined;
    const start = path.indexOf(unit);
    if (start >= 0) {
      const cycle = [...path.slice(start), unit];
      return cycle.slice(1).map((next, index) => graph.get(cycle[index]!)!.get(next)!);
    }
    path.push(unit);
    for (const next of graph.get(unit)?.keys() ?? []) {
      const cycle = visit(next);
      if (cycle) return cycle;
    }
    path.pop();
    done.add(unit);
    return undefined;
  };
  for (const unit of graph.keys()) {
    const cycle = visit(unit);
    if (cycle) return cycle;
  }
  return undefined;
}
