import { lineOf, withoutProse } from './code.ts';

interface Ban {
  readonly pattern: RegExp;
  /** Advice what to write instead. */
  readonly instead: string;
  /** Files in which the ban applies. */
  readonly where: RegExp;
  /** Files that may contain the pattern, each with the reason. */
  readonly except?: Readonly<Record<string, string>>;
  /** True if comments and strings are searched, too. */
  readonly inProse?: boolean;
}

const product = /^(services|load|lab|grafana)\//;
const clock = { 'services/kit/clock.ts': 'it is where time comes from' };
const client = 'lab/world/simulated/client';
const timers = {
  [`${client}/timers.ts`]: 'it replaces them',
  [`${client}/answering.ts`]: 'it beats in real time',
};

/** Patterns that the code must not contain, each with its replacement. */
const bans: readonly Ban[] = [
  {
    pattern: /\bDate\.now\b|\bperformance\.now\b|\bhrtime\b/g,
    instead: 'take a Clock of #kit/clock.ts and ask its now()',
    where: product,
    except: { ...clock, [`${client}/clocks.ts`]: 'it replaces them' },
  },
  {
    pattern: /\bnew Date\(\s*\)/g,
    instead: 'take wallTime() of #kit/clock.ts, which says what day it is and measures nothing',
    where: product,
    except: clock,
  },
  {
    pattern: /(?<!\.)\b(setTimeout|setInterval)\b/g,
    instead: 'take a Clock of #kit/clock.ts and use its after() or sleep()',
    where: product,
    except: { ...clock, ...timers },
  },
  {
    pattern: /\bMath\.random\b/g,
    instead: 'draw with drawFor() or stream() of #kit/random.ts',
    where: product,
    except: { [`${client}/chance.ts`]: 'it replaces it' },
  },
  {
    pattern: /\bType\.Record\b/g,
    instead: 'use mapOf() of #kit/schema.ts, which checks entries of any name',
    where: product,
  },
  {
    pattern: /\b(test|it|describe)\b[\w.]*\.(only|skip|todo|fails|skipIf|runIf)\b/g,
    instead: 'write a test that runs everywhere, or none',
    where: /^test\//,
  },
  {
    pattern: /\b(anew|everybody|likewise|nobody|whoever|in vain|due times?|waiting line)\b/gi,
    instead: 'use the term of docs/reference/terms.md, or name the actor',
    where: /^(services|load|lab|grafana|docs)\/.*\.(ts|md)$/,
    inProse: true,
  },
  {
    pattern: /\b(TODO|FIXME|XXX|HACK)\b/g,
    instead: 'do it now, or file an issue',
    where: /./,
    except: { 'test/tidy/bans.ts': 'it names the words' },
    inProse: true,
  },
];

/** Returns each use of a banned pattern in a file, as `file:line: what: what to do instead`. */
export function banned(file: string, text: string): string[] {
  return bans.flatMap(({ pattern, instead, where, except, inProse }) => {
    if (!where.test(file) || (except && file in except)) return [];
    const searched = inProse ? text : withoutProse(text);
    const hits = Array.from(searched.matchAll(pattern));
    return hits.map((hit) => `${file}:${lineOf(searched, hit.index)}: ${hit[0]}: ${instead}`);
  });
}
