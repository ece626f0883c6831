import { createHash } from 'node:crypto';
import type { ArrayTexts } from '../cluster/list-items';
import type { Container, Pod } from '../cluster/objects';
import { isMalformedRecord, sidecarOf, STATUS_ANNOTATION, type Sidecar } from '../injector/sidecar';

/** Arrays that are almost equal in all pods of a workload. They are read as text from a LIST. */
export const POD_ARRAYS = ['spec.initContainers', 'spec.containers', 'spec.volumes'] as const;

/**
 * The part of the text that differs between pods of a workload: the random name of the token volume, in its mounts and
 * its definition. Neither is part of a sidecar.
 */
const TOKEN_MOUNT = /\{"name":"kube-api-access-[a-z0-9]+","readOnly":true,"mountPath":/g;
const TOKEN_VOLUME = /\{"name":"kube-api-access-[a-z0-9]+","projected":\{/g;

type Sources = readonly (string | undefined)[];

/**
 * Stores each distinct sidecar once, and shares equal values between different sidecars. Thousands of pods have few
 * distinct sidecars, and those of different workloads differ in few values.
 */
export class SidecarPool {
  private readonly sidecars = new Map<string, Sidecar | undefined>();
  private readonly values = new Map<string, unknown>();
  /** Strings are separate from other values, because they are their own keys. */
  private readonly strings = new Map<string, unknown>();
  /** The sidecar of the previous pod. */
  private last: { readonly sources: Sources; readonly sidecar: Sidecar | undefined } | undefined;
  /** The record of the previous pod. */
  private lastRecord: { readonly text: string | undefined; readonly isMalformed: boolean } = {
    text: undefined,
    isMalformed: false,
  };

  /**
   * The sidecar of a listed pod. Computed only if no earlier pod has the same sources.
   *
   * @param arrays the texts of the arrays that are not in the pod
   */
  ofListed(pod: Pod, arrays: ArrayTexts): Sidecar | undefined {
    const sources = sourcesOf(pod, arrays);
    if (sources === undefined) {
      return this.workedOut(pod, arrays);
    }
    // Pods of a workload are adjacent, because lists are sorted by name.
    if (!this.last || !areEqual(this.last.sources, sources)) {
      const key = digestOf(sources);
      if (!this.sidecars.has(key)) {
        this.sidecars.set(key, this.workedOut(pod, arrays));
      }
      this.last = { sources, sidecar: this.sidecars.get(key) };
    }
    return this.last.sidecar;
  }

  /** Whether the pod's record of injection is malformed. Computed only if it differs from that of the previous pod. */
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
   * An equal earlier value, or this one.
   *
   * @param key equal only for equal values, except that a string may have the same key as a value of another type
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

/** The pod with the arrays that were read as text. */
export function withArrays(pod: Pod, arrays: ArrayTexts): Pod {
  const parsed = POD_ARRAYS.flatMap((path) => {
    const text = arrays[path];
    return text === undefined ? [] : [[path.replace('spec.', ''), JSON.parse(text) as Container[]] as const];
  });
  return parsed.length === 0 ? pod : { ...pod, spec: { ...pod.spec, ...Object.fromEntries(parsed) } };
}

/**
 * The sources of a listed pod's sidecar: pods with equal sources have equal sidecars. Undefined if they are not
 * available as text.
 */
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
