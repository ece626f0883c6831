import { createHash } from 'node:crypto';
import type { ArrayTexts } from '../cluster/list-items';
import type { Container, Pod } from '../cluster/objects';
import { isMalformedRecord, sidecarOf, STATUS_ANNOTATION, type Sidecar } from '../injector/sidecar';

/** The arrays of a pod that are much the same in all pods of a workload: in a LIST, they are read as text. */
export const POD_ARRAYS = ['spec.initContainers', 'spec.containers', 'spec.volumes'] as const;

/**
 * The one thing in the texts that differs between pods of a workload: the token volume's random name, where it is mounted,
 * which a sidecar leaves out, and where it is made, which is no part of one.
 */
const TOKEN_MOUNT = /\{"name":"kube-api-access-[a-z0-9]+","readOnly":true,"mountPath":/g;
const TOKEN_VOLUME = /\{"name":"kube-api-access-[a-z0-9]+","projected":\{/g;

type Sources = readonly (string | undefined)[];

/**
 * The sidecars of a mesh, each distinct one kept once, and of those that differ, what they have in common: thousands of
 * pods have few sidecars, and those of different workloads differ in few values.
 */
export class SidecarPool {
  private readonly sidecars = new Map<string, Sidecar | undefined>();
  private readonly values = new Map<string, unknown>();
  /** Apart from the others, since they are their own keys. */
  private readonly strings = new Map<string, unknown>();
  /** Of the pod that was read before. */
  private last: { readonly sources: Sources; readonly sidecar: Sidecar | undefined } | undefined;
  /** Of the same pod. */
  private lastRecord: { readonly text: string | undefined; readonly isMalformed: boolean } = {
    text: undefined,
    isMalformed: false,
  };

  /**
   * The sidecar of a listed pod, worked out anew only when no pod with the same was seen before.
   *
   * @param arrays the texts of what the pod was read without
   */
  ofListed(pod: Pod, arrays: ArrayTexts): Sidecar | undefined {
    const sources = sourcesOf(pod, arrays);
    if (sources === undefined) {
      return this.workedOut(pod, arrays);
    }
    // The pods of a workload come one after the other, since lists are in the order of names.
    if (!this.last || !areEqual(this.last.sources, sources)) {
      const key = digestOf(sources);
      if (!this.sidecars.has(key)) {
        this.sidecars.set(key, this.workedOut(pod, arrays));
      }
      this.last = { sources, sidecar: this.sidecars.get(key) };
    }
    return this.last.sidecar;
  }

  /** Whether the pod's record of what was injected is malformed; it is read anew only when it is not that of the pod before. */
  hasMalformedRecord({ metadata: { annotations } }: Pod): boolean {
    const text = annotations?.[STATUS_ANNOTATION];
    if (this.lastRecord.text !== text) {
      this.lastRecord = { text, isMalformed: isMalformedRecord(text) };
    }
    return this.lastRecord.isMalformed;
  }

  private workedOut(pod: Pod, arrays: ArrayTexts): Sidecar | undefined {
    return sidecarOf(withArrays(pod, arrays), (value) => this.value(value));
  }

  /**
   * An equal value that was seen before, or this one.
   *
   * @param key the same for equal values, and for no others but strings
   */
  value<T>(value: T, key = typeof value === 'string' ? value : JSON.stringify(value)): T {
    const known = typeof value === 'string' ? this.strings : this.values;
    if (known.has(key)) {
      return known.get(key) as T;
    }
    known.set(key, value);
    return value;
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

/** What a listed pod's sidecar is worked out from, equal where sidecars are; undefined when that is not at hand as text. */
function sourcesOf({ metadata: { annotations = {} } }: Pod, arrays: ArrayTexts): Sources | undefined {
  const [initContainers, containers, volumes] = POD_ARRAYS.map((path) => arrays[path]);
  if (containers === undefined) {
    return undefined;
  }
  return [
    annotations[STATUS_ANNOTATION],
    annotations['istio.io/rev'],
    initContainers?.replace(TOKEN_MOUNT, ''),
    containers.replace(TOKEN_MOUNT, ''),
    volumes?.replace(TOKEN_VOLUME, ''),
  ];
}

function areEqual(some: Sources, others: Sources): boolean {
  return some.every((source, index) => source === others[index]);
}

function digestOf(sources: Sources): string {
  return createHash('sha256').update(JSON.stringify(sources)).digest('base64');
}
