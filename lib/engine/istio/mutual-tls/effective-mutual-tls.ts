import { compareText } from '../../cluster/compare-text';
import type { StringMap } from '../../cluster/objects';
import { matches } from '../../cluster/label-selector';
import type { PeerAuthentication } from './peer-authentications';

export type MutualTlsMode = 'STRICT' | 'PERMISSIVE' | 'DISABLE';

/** A mutual TLS mode and its source. */
export interface EffectiveMutualTls {
  readonly mode: MutualTlsMode;
  /** The policy that sets the mode; undefined for Istio's default. */
  readonly policy?: PeerAuthentication;
}

/** The effective modes of a mesh, by istiod's rules for PeerAuthentications. */
export interface MeshMutualTls {
  readonly mesh: EffectiveMutualTls;
  readonly ofNamespace: (namespace: string) => EffectiveMutualTls;
  readonly ofPods: (namespace: string, labels: StringMap) => EffectiveMutualTls;
}

const MODES: readonly string[] = ['STRICT', 'PERMISSIVE', 'DISABLE'] satisfies readonly MutualTlsMode[];

/**
 * The narrowest policy applies: for pods, for their namespace, for the mesh. Of several policies with the same scope,
 * the oldest applies. With the mode `UNSET`, the wider policy applies. Ignores policies with a selector in the root
 * namespace.
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

/** Whether a policy applies to all pods of its namespace, or of the mesh if it is in the root namespace. */
export function isForAllPods(policy: PeerAuthentication): boolean {
  return selectorOf(policy) === undefined;
}

/** Undefined for a policy that applies to its whole namespace, or to the mesh. */
function selectorOf({ spec }: PeerAuthentication): StringMap | undefined {
  const labels = spec?.selector?.matchLabels ?? {};
  return Object.keys(labels).length > 0 ? labels : undefined;
}

/** Sorts by age like istiod. Policies from the same second are sorted by name. */
function ageOf({ metadata }: PeerAuthentication): string {
  return `${metadata.creationTimestamp ?? ''} ${metadata.name} ${metadata.namespace ?? ''}`;
}
