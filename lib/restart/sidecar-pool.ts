import { createHash } from 'node:crypto';
import type { ArrayTexts } from './kubernetes/list-items';
import type { Container, Pod } from './kubernetes/objects';
import { sidecarOf, STATUS_ANNOTATION, type Sidecar, type SidecarContainer } from './sidecar';

/** The arrays of a pod that are much the same in all pods of a workload: in a LIST, they are read as text. */
export const POD_ARRAYS = ['spec.initContainers', 'spec.containers', 'spec.volumes'] as const;

/**
 * The one thing in the texts that differs between pods of a workload: the token volume's random name, where it is mounted,
 * which a sidecar leaves out, and where it is made, which is no part of one.
 */
const TOKEN_MOUNT = /\{"name":"kube-api-access-[a-z0-9]+","readOnly":true,"mountPath":/g;
const TOKEN_VOLUME = /\{"name":"kube-api-access-[a-z0-9]+","projected":\{/g;

/**
 * The sidecars of a mesh, each distinct one kept once, and of those that differ, what they have in common: thousands of
 * pods have few sidecars, and those of different workloads differ in few values.
 */
export class SidecarPool {
  private readonly sidecars = new Map<string, Sidecar | undefined>();
  private readonly values = new Map<string, unknown>();

  /**
   * The sidecar of a listed pod, worked out anew only when no pod with the same was seen before.
   *
   * @param arrays the texts of what the pod was read without
   */
  ofListed(pod: Pod, arrays: ArrayTexts): Sidecar | undefined {
    const key = keyOf(pod, arrays);
    if (key !== undefined && this.sidecars.has(key)) {
      return this.sidecars.get(key);
    }
    const own = sidecarOf(withArrays(pod, arrays));
    const sidecar = own && this.shared(own);
    if (key !== undefined) {
      this.sidecars.set(key, sidecar);
    }
    return sidecar;
  }

  /** The sidecar, with every value in it that was seen before taken from there. */
  shared({ revision, containers, volumes }: Sidecar): Sidecar {
    return {
      revision: this.value(revision),
      containers: mapValues(containers, (container) => this.container(container)),
      volumes: mapValues(volumes, (volume) => this.value(volume)),
    };
  }

  /** An equal value that was seen before, or this one. */
  value<T>(value: T): T {
    const key = JSON.stringify(value);
    if (this.values.has(key)) {
      return this.values.get(key) as T;
    }
    this.values.set(key, value);
    return value;
  }

  private container({ placement, fields }: SidecarContainer): SidecarContainer {
    return {
      placement,
      fields: mapValues(fields, (value, name) =>
        name === 'env' ? mapValues(value as Record<string, unknown>, (one) => this.value(one)) : this.value(value),
      ),
    };
  }
}

/** The pod with what it was read without. */
export function withArrays(pod: Pod, arrays: ArrayTexts): Pod {
  const parsed = POD_ARRAYS.flatMap((path) => {
    const text = arrays[path];
    return text === undefined ? [] : [[path.replace('spec.', ''), JSON.parse(text) as Container[]] as const];
  });
  return parsed.length === 0 ? pod : { ...pod, spec: { ...pod.spec, ...Object.fromEntries(parsed) } };
}

/** Equal for pods whose sidecars are equal by all that they are worked out from; undefined when that is not at hand as text. */
function keyOf({ metadata: { annotations = {} } }: Pod, arrays: ArrayTexts): string | undefined {
  const [initContainers, containers, volumes] = POD_ARRAYS.map((path) => arrays[path]);
  if (containers === undefined) {
    return undefined;
  }
  const record = JSON.stringify([annotations[STATUS_ANNOTATION], annotations['istio.io/rev']]);
  const texts = [
    record,
    initContainers?.replace(TOKEN_MOUNT, ''),
    containers.replace(TOKEN_MOUNT, ''),
    volumes?.replace(TOKEN_VOLUME, ''),
  ];
  // A line break stands in no JSON of the API server's, but between its texts.
  return createHash('sha256').update(texts.join('\n')).digest('base64');
}

function mapValues<T, R>(
  record: Readonly<Record<string, T>>,
  map: (value: T, name: string) => R,
): Readonly<Record<string, R>> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value, name)] as const));
}
