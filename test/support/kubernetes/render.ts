import { execFileSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { root } from '#kit/process/installation.ts';
import { findExecutable } from '#lab/world/local/commands.ts';

/** Object of the API, with the fields that the tests read. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Labels };
  // biome-ignore lint/suspicious/noExplicitAny: schema.ts checks it
  readonly spec?: any;
  readonly data?: Readonly<Record<string, string>>;
}

export type Labels = Readonly<Record<string, string>>;

const kustomize = findExecutable('kustomize');
export const hasKustomize = kustomize !== undefined;

/** Copies the manifests into `folder`, without the secrets of a user. */
export const copyManifests = (folder: string): void =>
  cpSync(join(root, 'deploy/kubernetes'), folder, {
    recursive: true,
    filter: (source) => basename(source) !== 'secrets',
  });

/** Returns the objects of the manifests in `folder`. Throws with kustomize's message. */
export function render(folder: string): KubernetesObject[] {
  if (!kustomize) throw new Error('kustomize is not installed: bin/setup --for-tests does it where it may');
  const text = execFileSync(kustomize, ['build', folder], { encoding: 'utf8', stdio: 'pipe' });
  return parseAllDocuments(text).map((document) => withLongData(document.toJS()));
}

/** Joins the lines into which kustomize breaks long data of a Secret, as Kubernetes does. */
const withLongData = (object: KubernetesObject): KubernetesObject =>
  object.kind === 'Secret'
    ? { ...object, data: mapValues(object.data!, (text) => text.replaceAll('\n', '')) }
    : object;

const mapValues = (object: Labels, change: (value: string) => string): Labels =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));
