import { createHash } from 'node:crypto';
import { ApiObject, type Chart } from 'cdk8s';
import type { IConstruct } from 'constructs';
import type { WebhookManifest } from '../engine/istio/webhook-configuration';
import { fieldsAt } from '../mesh/checks/spec-fields';
import type { OrderedResource } from '../mesh/security/needing-sidecars';
import { refusesPlainText } from '../mesh/security/refuses-plain-text';
import { chartError } from './chart-error';
import { refuseOutputsIn, withoutOutputs } from './chart-outputs';

/** A Kubernetes object that the chart synthesizes. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}

/** One object of a chart, and the objects that must be applied before it. */
export interface ChartObject {
  /** Unique within the chart. Stable while the object keeps its kind, namespace and name. */
  readonly id: string;
  /** For example `VirtualService/shop/reviews`; unique together with the API group. */
  readonly title: string;
  readonly manifest: Manifest;
  readonly dependencies: readonly string[];
}

/**
 * The chart's objects in dependency order, according to cdk8s.
 *
 * @throws Error if two objects have the same API group, kind, namespace and name, or an object contains an Output
 */
export function chartObjects(chart: Chart): readonly ChartObject[] {
  const manifests = withoutOutputs(chart, () => {
    // Synthesis validates the app, and resolves dependencies between constructs into ones between objects.
    chart.toJson();
    return manifestsOf(chart);
  });
  const sorted = new Map<IConstruct, ChartObject>();
  const visit = (construct: IConstruct) => {
    const manifest = manifests.get(construct);
    if (!manifest || sorted.has(construct)) {
      return;
    }
    const before = construct.node.dependencies.filter((dependency) => manifests.has(dependency));
    before.forEach(visit);
    const dependencies = before.flatMap((dependency) => sorted.get(dependency)?.id ?? []);
    sorted.set(construct, { id: idOf(manifest), title: titleOf(manifest), manifest, dependencies });
  };
  [...manifests.keys()].forEach(visit);
  return [...sorted.values()];
}

function manifestsOf(chart: Chart): ReadonlyMap<IConstruct, Manifest> {
  const manifests = new Map<IConstruct, Manifest>();
  const ids = new Set<string>();
  for (const construct of chart.node.findAll()) {
    if (!(construct instanceof ApiObject)) {
      continue;
    }
    const manifest = construct.toJson() as Manifest;
    refuseOutputsIn(construct, manifest);
    const id = idOf(manifest);
    if (ids.has(id)) {
      throw chartError(
        `${construct.node.path}: the chart contains ${titleOf(manifest)} twice; give one of the two objects another name.`,
      );
    }
    ids.add(id);
    manifests.set(construct, manifest);
  }
  return manifests;
}

function idOf(manifest: Manifest): string {
  return `${apiGroup(manifest)}/${titleOf(manifest)}`;
}

function titleOf({ kind, metadata: { namespace, name } }: Manifest): string {
  return [kind, namespace, name].filter(Boolean).join('/');
}

/** The API group of an object; empty for the core group. */
export function apiGroup({ apiVersion }: Manifest): string {
  return apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
}

export function isIstioResource(manifest: Manifest): boolean {
  return /(^|\.)istio\.io$/.test(apiGroup(manifest));
}

/** The parts of an object of Istio's API groups that determine when it is applied. */
export function orderedResource(object: ChartObject): OrderedResource & { readonly object: ChartObject } {
  const { kind, metadata } = object.manifest;
  const { namespace = '', annotations = {} } = metadata;
  return { object, kind, namespace, annotations, spec: fieldsAt(object.manifest, 'spec') };
}

/** Whether an object makes some or all pods refuse plain text. */
export function makesMutualTlsStrict(manifest: Manifest): boolean {
  return (
    manifest.kind === 'PeerAuthentication' && isIstioResource(manifest) && refusesPlainText(fieldsAt(manifest, 'spec'))
  );
}

export function isWebhookConfiguration(manifest: Manifest): manifest is Manifest & WebhookManifest {
  return /^(Mutating|Validating)WebhookConfiguration$/.test(manifest.kind);
}

/**
 * Whether a changed object may require restarts. Running sidecars receive AuthorizationPolicies without a restart. Some
 * AuthorizationPolicies are applied after the restart. If their change caused a restart, a failed rollout would prevent
 * Pulumi from applying them.
 */
export function mayChangeSidecars({ manifest }: ChartObject): boolean {
  return !(manifest.kind === 'AuthorizationPolicy' && isIstioResource(manifest));
}

/** A digest that is equal for equal objects. */
export function fingerprintOf(objects: readonly ChartObject[]): string {
  const manifests = [...objects].sort((a, b) => (a.id < b.id ? -1 : 1)).map(({ manifest }) => manifest);
  return createHash('sha256').update(JSON.stringify(manifests)).digest('hex');
}
