import { until, type KubeClient, type KubeObject } from '../../control-plane/kube-client';
import { title, type Manifest } from '../synthesis';
import { isReady } from './readiness';

const WAVE = 'argocd.argoproj.io/sync-wave';
const HOOK = 'argocd.argoproj.io/hook';
const OPTIONS = 'argocd.argoproj.io/sync-options';

/** Kinds that Argo CD applies first in a wave, in this order; others follow, and custom resources come last. */
const KINDS = ['Namespace', 'NetworkPolicy', 'ServiceAccount', 'Secret', 'ConfigMap', 'CustomResourceDefinition'];

/**
 * Stands in for Argo CD, which cannot run here, and follows the rules that Argo CD documents for the phase Sync: waves
 * are applied in the order of their numbers, and a wave by kind and name. Each object is applied once, and a refusal
 * ends the sync. The next wave waits until this one is healthy. A hook is deleted before it is created again. The
 * health of webhook configurations is decided by the check that docs/gitops.md adds.
 *
 * @see https://argo-cd.readthedocs.io/en/stable/user-guide/sync-waves/
 */
export class SimulatedArgoCd {
  constructor(
    private readonly client: KubeClient,
    /** Does what the container of a hook would do. */
    private readonly runHook: () => Promise<void>,
    /** Called for each wave before it starts. */
    private readonly onWave: (wave: number) => Promise<void>,
  ) {}

  /** One sync without pruning. */
  async sync(manifests: readonly Manifest[]): Promise<void> {
    for (const wave of wavesOf(manifests)) {
      await this.onWave(wave);
      const members = manifests.filter((manifest) => waveOf(manifest) === wave).sort(byKindAndName);
      for (const manifest of members) await this.apply(manifest);
      for (const manifest of members) await this.healthy(manifest);
    }
  }

  /** Deletes what it applied, higher waves first. */
  async delete(manifests: readonly Manifest[]): Promise<void> {
    for (const wave of [...wavesOf(manifests)].reverse()) {
      const members = manifests.filter(
        (manifest) => waveOf(manifest) === wave && !annotation(manifest, OPTIONS)?.includes('Delete=false'),
      );
      for (const manifest of members) await this.client.delete(manifest);
      for (const manifest of members) await this.gone(manifest);
    }
  }

  private async apply(manifest: Manifest): Promise<void> {
    const isHook = annotation(manifest, HOOK) !== undefined;
    if (isHook) {
      await this.client.delete(manifest);
      await this.gone(manifest);
    }
    await this.client.apply(manifest, { fieldManager: 'argocd-controller', force: true }).catch((cause: unknown) => {
      throw new Error(`the sync fails at ${title(manifest)}: ${String(cause)}`, { cause });
    });
    if (isHook) await this.runHook();
  }

  private healthy(manifest: Manifest): Promise<void> {
    return this.client.waitFor(manifest, (object) => object !== undefined && isReady(object) && hasCaBundles(object));
  }

  private async gone(manifest: Manifest): Promise<void> {
    await until(async () => (await this.client.find(manifest)) === undefined, `${title(manifest)} is deleted`);
  }
}

function hasCaBundles({ webhooks = [] }: KubeObject): boolean {
  return (webhooks as readonly { readonly clientConfig: object }[]).every(
    ({ clientConfig }) => 'caBundle' in clientConfig,
  );
}

function wavesOf(manifests: readonly Manifest[]): readonly number[] {
  return [...new Set(manifests.map(waveOf))].sort((one, other) => one - other);
}

function waveOf(manifest: Manifest): number {
  return Number(annotation(manifest, WAVE) ?? 0);
}

function annotation({ metadata }: Manifest, name: string): string | undefined {
  return metadata.annotations?.[name];
}

function byKindAndName(one: Manifest, other: Manifest): number {
  return rank(one) - rank(other) || title(one).localeCompare(title(other));
}

function rank({ apiVersion, kind }: Manifest): number {
  if (apiVersion.includes('.istio.io/')) return KINDS.length + 1;
  return KINDS.includes(kind) ? KINDS.indexOf(kind) : KINDS.length;
}
