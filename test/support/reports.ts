import type { BrowserContextOptions } from 'playwright-core';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import type { Result } from '#lab/judge/result/result.ts';
import { type OpenedReport, reportBrowser } from '#test/fixtures/opened-report.ts';
import { makeResult, type ResultOptions } from '#test/fixtures/result.ts';

/** Starts a browser for a file's tests. Returns functions that open a report, which closes when the test is over. */
export function reports() {
  let browser: Awaited<ReturnType<typeof reportBrowser>>;
  beforeAll(async () => {
    browser = await reportBrowser();
  });
  afterAll(() => browser?.[Symbol.asyncDispose]());
  const untilOver = (opened: OpenedReport): OpenedReport => {
    onTestFinished(() => opened[Symbol.asyncDispose]());
    return opened;
  };
  const show = async (result: Result, context?: BrowserContextOptions) =>
    untilOver(await browser.show(result, context));
  const showPage = async (text: string, context?: BrowserContextOptions) =>
    untilOver(await browser.showPage(text, context));
  const open = (options?: ResultOptions, context?: BrowserContextOptions) =>
    show(makeResult(options), context);
  return { open, show, showPage };
}
