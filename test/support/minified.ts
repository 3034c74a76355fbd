import { rolldown } from 'rolldown';

/** Bundles a file for a browser, and resolves with the minified code. */
export async function rolldownMinified(file: string): Promise<string> {
  const bundle = await rolldown({ input: file, platform: 'browser', logLevel: 'silent' });
  const { output } = await bundle.generate({ format: 'esm', minify: true });
  await bundle.close();
  return output[0].code;
}
