import { relative } from 'node:path';
import {
  DefaultReporter,
  type TestCase,
  type TestModule,
  type TestRunEndReason,
  type TestSpecification,
} from 'vitest/node';
import { tally } from './tally.ts';

/** Up to this number of files, their tests are listed. With more, only a line per project is printed. */
const listedMax = 10;
const failuresMax = 20;

interface Progress {
  files: number;
  readonly ended: TestModule[];
  startedAtMs?: number;
}

/**
 * Prints a line per project with its time, and each test that fails. At the end it prints the errors, where they were
 * thrown, how to run the failed files again, and `N passed, N failed` as the last line, which scripts look for.
 */
export default class ProjectReporter extends DefaultReporter {
  readonly #projects = new Map<string, Progress>();
  #isListed = false;

  constructor() {
    super({ summary: false });
  }

  override onTestRunStart(specifications: readonly TestSpecification[]): void {
    super.onTestRunStart(specifications);
    this.#isListed = specifications.length <= listedMax;
    for (const { project } of specifications) this.#progressOf(project.name).files += 1;
  }

  override onTestModuleQueued({ project }: TestModule): void {
    this.#progressOf(project.name).startedAtMs ??= performance.now();
  }

  override onTestCaseResult(test: TestCase): void {
    super.onTestCaseResult(test);
    if (this.#isListed || test.result().state !== 'failed') return;
    this.#clear();
    this.log(`  ✗ ${failureOf(test.module, test, this.ctx.config.root)}`);
  }

  override onTestModuleEnd(module: TestModule): void {
    super.onTestModuleEnd(module);
    const progress = this.#progressOf(module.project.name);
    progress.ended.push(module);
    const isLast = progress.ended.length === progress.files;
    if (!isLast && (!this.isTTY || this.#isListed)) return;
    const seconds = ((performance.now() - (progress.startedAtMs ?? this.start)) / 1000).toFixed(1);
    const name = module.project.name.padEnd(12);
    this.#clear();
    if (isLast) this.log(`${name} ${tally(progress.ended, 0)} in ${seconds} s`);
    else process.stdout.write(`${name} ${progress.ended.length} of ${progress.files} files, ${seconds} s`);
  }

  override printTestModule(module: TestModule): void {
    if (this.#isListed) super.printTestModule(module);
  }

  override onTestRunEnd(
    modules: readonly TestModule[],
    unhandled: Parameters<DefaultReporter['onTestRunEnd']>[1],
    reason: TestRunEndReason,
  ): void {
    this.#clear();
    super.onTestRunEnd(modules, unhandled, reason);
    this.log(`${advice(modules, unhandled.length, this.ctx.config.root)}${tally(modules, unhandled.length)}`);
  }

  #progressOf(project: string): Progress {
    const progress = this.#projects.get(project) ?? { files: 0, ended: [] };
    this.#projects.set(project, progress);
    return progress;
  }

  /** Clears the line of the project that runs. */
  #clear(): void {
    if (this.isTTY && !this.#isListed) process.stdout.write('\r\x1b[K');
  }
}

/** Returns place, name and error of a failed test, or of a file that failed outside its tests. */
function failureOf(module: TestModule, test: TestCase | undefined, root: string): string {
  const [error] = test?.result().errors ?? module.errors();
  const frame = error?.stacks?.find(({ file }) => file === module.moduleId);
  const place = `${relative(root, module.moduleId)}${frame ? `:${frame.line}` : ''}`;
  const [message] = String(error?.message ?? 'failed outside its tests').split('\n');
  return `${place}${test ? ` ${test.fullName}` : ''}: ${message}`;
}

/** Lists the failures, and says how to run them again. Returns an empty text if nothing failed. */
function advice(modules: readonly TestModule[], unhandled: number, root: string): string {
  const failed = modules.filter((module) => !module.ok());
  const failures = failed.flatMap((module) => {
    const tests = [...module.children.allTests('failed')];
    return (tests.length > 0 ? tests : [undefined]).map((test) => failureOf(module, test, root));
  });
  const more = failures.length > failuresMax ? [`… and ${failures.length - failuresMax} more`] : [];
  const lines = [...failures.slice(0, failuresMax), ...more].map((line) => `  ✗ ${line}\n`);
  if (unhandled > 0) lines.push('  ✗ an error outside all tests, see above\n');
  if (failed.length > 0) {
    const files = failed.map(({ moduleId }) => relative(root, moduleId));
    lines.push(`Run again what failed: npx vitest run ${[...new Set(files)].join(' ')}\n`);
  }
  return lines.length > 0 ? `Failed:\n${lines.join('')}\n` : '';
}
