import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Chart, Yaml } from 'cdk8s';
import { parse, parseAllDocuments } from 'yaml';
import { IstioModule, type IstioModuleProps } from 'istio-module';

export const FAKE_HELM = join(__dirname, 'fake-helm');

/** A Kubernetes object, as synthesis prints it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Record<string, string>;
    readonly annotations?: Record<string, string>;
  };
  readonly spec?: Record<string, unknown>;
  readonly data?: Record<string, string>;
  readonly webhooks?: { readonly clientConfig: object; readonly failurePolicy?: string }[];
}

export function emptyChart(): Chart {
  return new Chart(new App(), 'mesh');
}

/** A module whose charts the fake helm renders. */
export function fakeModule(chart: Chart, props: Partial<IstioModuleProps> = {}): IstioModule {
  return readingHere(() => new IstioModule(chart, 'istio', { version: '1.31.1', helmExecutable: FAKE_HELM, ...props }));
}

/**
 * cdk8s starts a Node process to load the output of each chart, in case it is at a URL; here, the output is read
 * directly.
 */
function readingHere<T>(build: () => T): T {
  const { load } = Yaml;
  Yaml.load = (file) =>
    parseAllDocuments(readFileSync(file, 'utf8'), { version: '1.1' })
      .map((document) => document.toJSON() as unknown)
      .filter((object) => object !== null);
  try {
    return build();
  } finally {
    Yaml.load = load;
  }
}

export function synthesized(chart: Chart): Manifest[] {
  return chart.toJson() as Manifest[];
}

export function title({ kind, metadata }: Manifest): string {
  return [kind, metadata.namespace, metadata.name].filter((part) => part !== undefined).join('/');
}

/** The one object with this title, such as `Namespace/shop` or `VirtualService/shop/reviews`. */
export function named(manifests: readonly Manifest[], wanted: string): Manifest {
  const found = manifests.filter((manifest) => title(manifest) === wanted);
  if (found.length !== 1 || !found[0]) throw new Error(`${String(found.length)} objects ${wanted}, not 1`);
  return found[0];
}

/** The values that the fake helm was given for a release, as they were written. */
export function valuesText(manifests: readonly Manifest[], release: string): string {
  return manifests.find(({ metadata }) => metadata.name === `fake-${release}`)?.data?.values ?? '';
}

/** The values that the fake helm was given for a release. */
export function valuesOf(manifests: readonly Manifest[], release: string): Record<string, unknown> {
  return (parse(valuesText(manifests, release), { version: '1.1' }) ?? {}) as Record<string, unknown>;
}
