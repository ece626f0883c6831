import * as pulumi from '@pulumi/pulumi';
import type { IgnoredAnnotation, WorkloadPlan } from '../engine/plan/plan';
import type { MutualTlsTransition } from '../engine/plan/mutual-tls/transition';
import type { RestartedWorkload, RestartReport, UpdatedWorkload } from '../engine/run/restart-report';
import { clusterInputs, type ClusterArgs } from './cluster-args';
import type { RestartArgs } from './restart-args';

export interface SidecarRestartArgs extends ClusterArgs {
  /** A digest of the applied objects that may change sidecars. If it changes, the resource plans and restarts again. */
  readonly fingerprint: pulumi.Input<string>;
  /**
   * Whether the stack makes mutual TLS STRICT for the mesh after this restart.
   *
   * @default false
   */
  readonly strictFollows?: pulumi.Input<boolean>;
  readonly restart?: RestartArgs;
}

interface RestartProps {
  readonly fingerprint: string;
  readonly strictFollows: boolean;
  readonly restart: RestartArgs;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly cluster?: string;
  readonly providerId?: string;
  /**
   * The outdated workloads that `pulumi refresh` found, or the drift of the control plane, as sentences. The next `pulumi
   * up` runs the restart again.
   */
  readonly outdated?: readonly string[];
  /**
   * The workloads that the last run deferred. Once the maintenance window of one of them opens, `pulumi up` plans and
   * restarts again.
   */
  readonly deferred?: readonly WorkloadPlan[];
}

// Pulumi serializes the provider into the state of the stack. So methods import what they need, and capture no
// variables.
const provider: pulumi.dynamic.ResourceProvider = {
  async diff(_id: string, olds: RestartProps, news: RestartProps) {
    const fields = [
      'fingerprint',
      'strictFollows',
      'restart',
      'kubeconfig',
      'context',
      'cluster',
      'providerId',
    ] as const;
    const changed = fields.some((field) => JSON.stringify(olds[field]) !== JSON.stringify(news[field]));
    const isDue = (olds.deferred ?? []).some(({ deferredUntil = '' }) => Date.parse(deferredUntil) <= Date.now());
    return {
      changes: changed || isDue || (olds.outdated ?? []).length > 0,
      replaces: olds.providerId === news.providerId ? [] : ['providerId'],
    };
  },
  async create(inputs: RestartProps) {
    const { eventLines, restartWorkloads } = await import('istio-module/engine');
    const { kubeconfig, context, cluster, restart, strictFollows } = inputs;
    const onEvent = eventLines((line) => process.stderr.write(`${line}\n`));
    const report = await restartWorkloads({ ...restart, strictFollows, kubeconfig, context, cluster, onEvent });
    return { id: 'sidecars', outs: { ...inputs, ...report, finishedAt: new Date().toISOString(), outdated: [] } };
  },
  async update(_id: string, _olds: RestartProps, news: RestartProps) {
    const { eventLines, restartWorkloads } = await import('istio-module/engine');
    const { kubeconfig, context, cluster, restart, strictFollows } = news;
    const onEvent = eventLines((line) => process.stderr.write(`${line}\n`));
    const report = await restartWorkloads({ ...restart, strictFollows, kubeconfig, context, cluster, onEvent });
    return { outs: { ...news, ...report, finishedAt: new Date().toISOString(), outdated: [] } };
  },
  async read(id: string, props: RestartProps) {
    const { planRestarts, nameOf, RestartError } = await import('istio-module/engine');
    const { kubeconfig, context, cluster, restart } = props;
    try {
      const { workloads } = await planRestarts({ ...restart, kubeconfig, context, cluster });
      const outdated = workloads.filter(({ decision }) => ['restart', 'update', 'wait'].includes(decision));
      return { id, props: { ...props, outdated: outdated.map((one) => `${nameOf(one)}: ${one.message}`) } };
    } catch (error) {
      const drifted = ['InjectorMissing', 'InjectorUnreachable', 'ControlPlaneNotReady', 'SidecarsWouldBeRemoved'];
      if (error instanceof RestartError && drifted.includes(error.code)) {
        // The control plane itself drifted. The next update repairs it first, and then plans again.
        return { id, props: { ...props, outdated: [error.message] } };
      }
      throw error;
    }
  },
};

/**
 * Follows everything that can change a sidecar, and precedes the objects that need sidecars, such as STRICT mutual TLS.
 * On create and update, it restarts the workloads whose sidecar is out of date. On refresh, it plans again to detect
 * drift.
 */
export class SidecarRestart extends pulumi.dynamic.Resource {
  /** Workloads that the last run restarted, with the reasons. */
  declare readonly restarted: pulumi.Output<readonly RestartedWorkload[]>;
  /** Workloads that the last run updated in place, with the reasons. */
  declare readonly updated: pulumi.Output<readonly UpdatedWorkload[]>;
  /** Outdated workloads that their users have to update. */
  declare readonly warnings: pulumi.Output<readonly WorkloadPlan[]>;
  /** Workloads that were skipped on purpose. */
  declare readonly skipped: pulumi.Output<readonly WorkloadPlan[]>;
  /** Outdated workloads that are left to a later run, with the reasons. */
  declare readonly deferred: pulumi.Output<readonly WorkloadPlan[]>;
  /** Workloads for which the run could not determine whether they are out of date. */
  declare readonly undetermined: pulumi.Output<readonly WorkloadPlan[]>;
  /** Annotations with invalid values, which were ignored. */
  declare readonly ignoredAnnotations: pulumi.Output<readonly IgnoredAnnotation[]>;
  /** Namespaces whose workloads enter or leave a mesh with STRICT mutual TLS, and their state. */
  declare readonly transitions: pulumi.Output<readonly MutualTlsTransition[]>;
  declare readonly counts: pulumi.Output<RestartReport['counts']>;
  /** When the last run ended, in RFC 3339. */
  declare readonly finishedAt: pulumi.Output<string>;

  constructor(name: string, args: SidecarRestartArgs, opts?: pulumi.CustomResourceOptions) {
    const { fingerprint, strictFollows = false, restart = {} } = args;
    super(
      provider,
      name,
      {
        ...{ restarted: undefined, updated: undefined, waited: undefined, warnings: undefined, skipped: undefined },
        ...{ undetermined: undefined, counts: undefined, rounds: undefined, finishedAt: undefined },
        ...{
          deferred: undefined,
          ignoredAnnotations: undefined,
          transitions: undefined,
          schemaVersion: undefined,
          outdated: undefined,
        },
        ...{ fingerprint, strictFollows, restart },
        ...clusterInputs(args),
      },
      opts,
    );
  }
}
