import { isAbsolute, posix } from 'node:path';
import { Duration } from 'cdk8s';
import type { FluxOptions } from './flux-options';
import { InstallationStage } from './installation-stage';

/** The API server trusts a webhook as soon as its configuration has a certificate authority. */
const HAS_CA = 'webhooks.all(webhook, has(webhook.clientConfig.caBundle))';

/**
 * A Flux Kustomization for each stage.
 *
 * @param stages the stages that have objects, in order
 */
export function fluxKustomizations(
  stages: readonly InstallationStage[],
  outdir: string,
  options: FluxOptions,
): readonly object[] {
  const { source = { kind: 'GitRepository', name: 'flux-system' }, namespace = 'flux-system' } = options;
  const { interval = Duration.minutes(10), path = `./${posix.normalize(outdir)}` } = options;
  const nameOf = (stage: InstallationStage) => `${options.name ?? 'mesh'}-${stage.folder}`;
  return stages.map((stage, index) => {
    const previous = stages.slice(0, index).at(-1);
    return {
      apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
      kind: 'Kustomization',
      metadata: { name: nameOf(stage), namespace },
      spec: {
        ...(previous ? { dependsOn: [{ name: nameOf(previous) }] } : {}),
        sourceRef: source,
        path: `${path.replace(/\/+$/, '')}/${stage.folder}`,
        interval: inSeconds(interval),
        retryInterval: '1m',
        timeout: inSeconds(options.timeout ?? defaultTimeout(stage)),
        // Adopted Namespaces must not be deleted.
        prune: stage !== InstallationStage.ADOPTED,
        wait: true,
        ...(stage === InstallationStage.WEBHOOKS ? { healthCheckExprs: webhookChecks() } : {}),
        // A changed Job replaces the previous one.
        ...(stage === InstallationStage.RESTART ? { force: true } : {}),
      },
    };
  });
}

/** The problem with an unknown path of the manifests in the source. */
export function fluxPathProblem(outdir: string, { path }: FluxOptions): string[] {
  return path === undefined && (isAbsolute(outdir) || outdir.split('/').includes('..'))
    ? [
        `outdir '${outdir}' does not determine the path of the manifests in the source: set the option path of Ordering.flux`,
      ]
    : [];
}

function defaultTimeout(stage: InstallationStage): Duration {
  return stage === InstallationStage.RESTART ? Duration.hours(1) : Duration.minutes(10);
}

function webhookChecks(): object[] {
  return ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'].map((kind) => ({
    ...{ apiVersion: 'admissionregistration.k8s.io/v1', kind },
    current: HAS_CA,
  }));
}

function inSeconds(duration: Duration): string {
  return `${String(duration.toSeconds())}s`;
}
