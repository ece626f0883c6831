import type { MeshObject } from './mesh-object';
import { perMesh } from './per-mesh';
import { fieldsAt, listAt, textAt } from './spec-fields';

/** Kinds with `targetRefs`. */
const KINDS = [
  'AuthorizationPolicy',
  'RequestAuthentication',
  'Telemetry',
  'EnvoyFilter',
  'WasmPlugin',
  'TrafficExtension',
];

/** A policy with one of its targets. The target is in the namespace of the policy. */
export interface TargetedPolicy {
  readonly policy: MeshObject;
  readonly group: string;
  readonly kind: string;
  readonly name: string;
}

/** Each target of the policies of a mesh. */
export const targetedPolicies = perMesh((mesh): readonly TargetedPolicy[] =>
  KINDS.flatMap((kind) => mesh.ofKind(kind)).flatMap((policy) =>
    [...listAt(policy.spec, 'targetRefs'), fieldsAt(policy.spec, 'targetRef')].flatMap((target) => {
      const [kind, name] = [textAt(target, 'kind'), textAt(target, 'name')];
      return kind === undefined || name === undefined
        ? []
        : [{ policy, group: textAt(target, 'group') ?? '', kind, name }];
    }),
  ),
);
