import { compareText } from '../../cluster/compare-text';
import type { StringMap } from '../../cluster/objects';
import { matches } from '../../cluster/label-selector';
import type { PeerAuthentication } from './peer-authentications';

export type MutualTlsMode = 'STRICT' | 'PERMISSIVE' | 'DISABLE';

/** A mode, and who says so. */
export interface EffectiveMutualTls {
  readonly mode: MutualTlsMode;
  /** None for Istio's default. */
  readonly policy?: PeerAuthentication;
}

/** What the PeerAuthentications of a mesh come to, by the rules by which istiod reads them. */
export interface MeshMutualTls {
  readonly mesh: EffectiveMutualTls;
  readonly ofNamespace: (namespace: string) => EffectiveMutualTls;
  readonly ofPods: (namespace: string, labels: StringMap) => EffectiveMutualTls;
}

const MODES: readonly string[] = ['STRICT', 'PERMISSIVE', 'DISABLE'] satisfies readonly MutualTlsMode[];

/**
 * The narrower policy counts: for pods, for their namespace, for the mesh. Of several for the same the oldest counts,
 * and one whose mode is `UNSET` leaves the wider one in force. A policy with a selector in the root namespace is ignored.
 *
 * @see https://istio.io/latest/docs/concepts/security/#peer-authentication
 */
export function effectiveMutualTls(policies: readonly PeerAuthentication[], rootNamespace: string): MeshMutualTls {
  const sorted = [...policies].sort((a, b) => compareText(ageOf(a), ageOf(b)));
  const wide = (namespace: string) => sorted.find((one) => one.metadata.namespace === namespace && !selectorOf(one));
  const mesh = narrowed({ mode: 'PERMISSIVE' }, wide(rootNamespace));
  const ofNamespace = (namespace: string) => (namespace === rootNamespace ? mesh : narrowed(mesh, wide(namespace)));
  return {
    mesh,
    ofNamespace,
    ofPods: (namespace, labels) => {
      const own = sorted.find((one) => {
        const matchLabels = selectorOf(one);
        return one.metadata.namespace === namespace && matchLabels && matches({ matchLabels }, labels);
      });
      return namespace === rootNamespace ? mesh : narrowed(ofNamespace(namespace), own);
    },
  };
}

function narrowed(wider: EffectiveMutualTls, policy: PeerAuthentication | undefined): EffectiveMutualTls {
  const mode = policy?.spec?.mtls?.mode;
  return policy && isMode(mode) ? { mode, policy } : wider;
}

function isMode(mode: string | undefined): mode is MutualTlsMode {
  return mode !== undefined && MODES.includes(mode);
}

/** Whether a policy is for all pods of its namespace, or of the mesh where its namespace is the root. */
export function isForAllPods(policy: PeerAuthentication): boolean {
  return selectorOf(policy) === undefined;
}

/** Undefined for a policy that is for all of its namespace, or for the mesh. */
function selectorOf({ spec }: PeerAuthentication): StringMap | undefined {
  const labels = spec?.selector?.matchLabels ?? {};
  return Object.keys(labels).length > 0 ? labels : undefined;
}

/** Sorts by age, as istiod does; names decide between policies of the same second. */
function ageOf({ metadata }: PeerAuthentication): string {
  return `${metadata.creationTimestamp ?? ''} ${metadata.name} ${metadata.namespace ?? ''}`;
}
