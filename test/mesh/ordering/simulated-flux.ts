import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { celEnv, parse, plan, type CelInput } from '@bufbuild/cel';
import { parseAllDocuments } from 'yaml';
import { until, type KubeClient, type KubeObject } from '../../control-plane/kube-client';
import { title, type Manifest } from '../synthesis';
import { isReady } from './readiness';

/** A Flux Kustomization, with the fields that the simulation uses. */
export interface Kustomization {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly path: string;
    readonly prune: boolean;
    readonly wait: boolean;
    readonly dependsOn?: readonly { readonly name: string }[];
    readonly healthCheckExprs?: readonly { readonly kind: string; readonly current: string }[];
  };
}

/**
 * Stands in for the kustomize-controller of Flux, which cannot run here, and follows the rules that Flux documents. A
 * Kustomization is applied when those that it depends on are ready: definitions and namespaces first, the other objects
 * after a dry run of each. Each object is applied once, and a refusal ends the test, although Flux would try again. A
 * Kustomization is ready when all of its objects are; its CEL expressions are evaluated.
 *
 * @see https://fluxcd.io/flux/components/kustomize/kustomizations/
 */
export class SimulatedFlux {
  private readonly ready = new Set<string>();

  constructor(
    private readonly client: KubeClient,
    /** The root of the source. */
    private readonly source: string,
    /** Does what the containers of Jobs would do. */
    private readonly runJobs: () => Promise<void>,
    /** Called for each Kustomization before it is applied. */
    private readonly onKustomization: (name: string) => Promise<void>,
  ) {}

  /** Reconciles Kustomizations until all are ready, whatever their order. */
  async reconcile(kustomizations: readonly Kustomization[]): Promise<void> {
    this.ready.clear();
    while (this.ready.size < kustomizations.length) {
      const next = kustomizations.find(
        ({ metadata: { name }, spec: { dependsOn = [] } }) =>
          !this.ready.has(name) && dependsOn.every((dependency) => this.ready.has(dependency.name)),
      );
      if (!next) throw new Error('the Kustomizations that are left wait for each other');
      await this.apply(next);
      this.ready.add(next.metadata.name);
    }
  }

  /** Deletes a Kustomization and, if it prunes, the objects that it applied. */
  async delete({ spec }: Kustomization): Promise<void> {
    if (!spec.prune) return;
    const manifests = this.manifestsAt(spec.path);
    for (const manifest of manifests) await this.client.delete(manifest);
    for (const manifest of manifests) {
      await until(async () => (await this.client.find(manifest)) === undefined, `${title(manifest)} is deleted`);
    }
  }

  private async apply({ metadata, spec }: Kustomization): Promise<void> {
    await this.onKustomization(metadata.name);
    const manifests = this.manifestsAt(spec.path);
    const isFirst = ({ kind }: Manifest) => ['CustomResourceDefinition', 'Namespace'].includes(kind);
    const options = { fieldManager: 'kustomize-controller', force: true };
    for (const manifest of manifests.filter(isFirst)) await this.client.apply(manifest, options);
    for (const manifest of manifests.filter(isFirst)) await this.client.waitFor(manifest, readyBy());
    const others = manifests.filter((manifest) => !isFirst(manifest));
    for (const dryRun of [true, false]) {
      for (const manifest of others) {
        await this.client.apply(manifest, { ...options, dryRun }).catch((cause: unknown) => {
          throw new Error(`${metadata.name} fails at ${title(manifest)}: ${String(cause)}`, { cause });
        });
      }
    }
    if (manifests.some(({ kind }) => kind === 'Job')) await this.runJobs();
    if (!spec.wait) return;
    for (const manifest of manifests) {
      const expressions = (spec.healthCheckExprs ?? []).filter(({ kind }) => kind === manifest.kind);
      await this.client.waitFor(manifest, readyBy(expressions.map(({ current }) => current)));
    }
  }

  private manifestsAt(path: string): readonly Manifest[] {
    const folder = join(this.source, path);
    return readdirSync(folder)
      .sort()
      .flatMap((file) => parseAllDocuments(readFileSync(join(folder, file), 'utf8')))
      .map((document) => document.toJS() as Manifest);
  }
}

function readyBy(expressions: readonly string[] = []): (object: KubeObject | undefined) => boolean {
  const holds = expressions.map((expression) => plan(celEnv(), parse(expression)));
  return (object) =>
    object !== undefined &&
    isReady(object) &&
    holds.every((evaluate) => evaluate(object as unknown as Record<string, CelInput>) === true);
}
