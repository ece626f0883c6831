import { SizeRoundingBehavior, type Size } from 'cdk8s';
import type { ContainerResources } from '../installation/container-resources';

/** Options of {@link ClusterSize.of}: the sums over all nodes. */
export interface ClusterCapacity {
  /** Number of cores. */
  readonly cpus: number;

  readonly memory: Size;
}

const SMALL_CPUS = 5;
const SMALL_GIBIBYTES = 10;

/**
 * The capacity of a cluster. It sets the default requests of sidecars and istiod.
 *
 * | requests   | `SMALL`      | `LARGE`, as in Istio's charts |
 * | ---------- | ------------ | ----------------------------- |
 * | a sidecar  | 20m, 64Mi    | 100m, 128Mi                   |
 * | istiod     | 100m, 256Mi  | 500m, 2048Mi                  |
 *
 * Every pod in the mesh reserves the requests of its sidecar: with the charts' requests, 30 pods and istiod reserve 3.5
 * cores and 5.75 GiB, which is most of a cluster of 4 cores and 8 GiB; with those of `SMALL`, they reserve 0.7 cores
 * and 2.1 GiB. An idle sidecar in a small mesh uses a few millicores and about 50 MiB. The usage of istiod grows with
 * the number of Services and proxies. The limits of the charts do not change, because limits reserve nothing: a busy
 * sidecar can still use the remaining capacity of the node.
 *
 * @see https://istio.io/latest/docs/ops/deployment/performance-and-scalability/
 */
export class ClusterSize {
  /** Fewer than 5 cores or less than 10 GiB of memory. */
  static readonly SMALL = new ClusterSize({ cpu: '20m', memory: '64Mi' }, { cpu: '100m', memory: '256Mi' });

  /** Enough for the charts' requests. */
  static readonly LARGE = new ClusterSize({}, {});

  /** {@link ClusterSize.SMALL} for fewer than 5 cores or less than 10 GiB of memory, {@link ClusterSize.LARGE} otherwise. */
  static of(capacity: ClusterCapacity): ClusterSize {
    const gibibytes = capacity.memory.toKibibytes({ rounding: SizeRoundingBehavior.NONE }) / 1024 ** 2;
    const small = capacity.cpus < SMALL_CPUS || gibibytes < SMALL_GIBIBYTES;
    const { sidecar, istiod } = small ? ClusterSize.SMALL : ClusterSize.LARGE;
    return new ClusterSize(sidecar, istiod, capacity);
  }

  private constructor(
    private readonly sidecar: NonNullable<ContainerResources['requests']>,
    private readonly istiod: NonNullable<ContainerResources['requests']>,
    private readonly capacity?: ClusterCapacity,
  ) {}

  /** Resources of sidecars: the given ones, and the requests of this size where they are omitted. */
  proxyResources(given: ContainerResources = {}): ContainerResources {
    return { ...given, requests: { ...this.sidecar, ...given.requests } };
  }

  /** Resources of istiod: the given ones, and the requests of this size where they are omitted. */
  istiodResources(given: ContainerResources = {}): ContainerResources {
    return { ...given, requests: { ...this.istiod, ...given.requests } };
  }

  /**
   * The problems with the capacity, one sentence each.
   *
   * @param at path of the value, for messages
   */
  problems(at: string): string[] {
    if (!this.capacity) return [];
    const { cpus, memory } = this.capacity;
    return [
      ...(cpus > 0 && Number.isFinite(cpus)
        ? []
        : [`${at} cpus ${String(cpus)} is out of range: write the cores of all nodes, more than 0`]),
      ...(memory.toKibibytes({ rounding: SizeRoundingBehavior.NONE }) > 0
        ? []
        : [`${at} memory '${memory.asString()}' is out of range: write the memory of all nodes, more than 0`]),
    ];
  }
}
