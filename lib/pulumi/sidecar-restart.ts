import * as pulumi from '@pulumi/pulumi';
import type { IgnoredAnnotation, WorkloadPlan } from '../engine/plan/plan';
import type { MutualTlsTransition } from '../engine/plan/mutual-tls/transition';
import type { RestartedWorkload, RestartReport, UpdatedWorkload } from '../engine/run/restart-report';
import { clusterInputs, type ClusterArgs } from './cluster-args';
import type { RestartArgs } from './restart-args';

export interface SidecarRestartArgs extends ClusterArgs {
  /** Changes whenever something was applied that can change sidecars; what is out of date is then looked for. */
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
  /** What `pulumi refresh` found out of date, as sentences; makes the next `pulumi up` restart it. */
  readonly outdated?: readonly string[];
  /** What the last run put off; the first `pulumi up` within a window restarts what waits for it. */
  readonly deferred?: readonly WorkloadPlan[];
}

// Serialized into the stack's state: the methods load what they need when they are called, and capture nothing.
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
        // It is the control plane that drifted: the next update mends that first, and then looks again.
        return { id, props: { ...props, outdated: [error.message] } };
      }
      throw error;
    }
  },
};

/**
 * Comes after everything that can change a sidecar, and before what makes mutual TLS STRICT. Created or updated, it
 * restarts the workloads whose sidecar is out of date; refreshed, it plans again, so that drift shows.
 */
export class SidecarRestart extends pulumi.dynamic.Resource {
  /** Restarted by the last run, and why. */
  declare readonly restarted: pulumi.Output<readonly RestartedWorkload[]>;
  /** Updated in place by the last run, and why. */
  declare readonly updated: pulumi.Output<readonly UpdatedWorkload[]>;
  /** Out of date, and left to their users. */
  declare readonly warnings: pulumi.Output<readonly WorkloadPlan[]>;
  /** Left alone on purpose. */
  declare readonly skipped: pulumi.Output<readonly WorkloadPlan[]>;
  /** Out of date, and left to a later run: see their reason. */
  declare readonly deferred: pulumi.Output<readonly WorkloadPlan[]>;
  /** Workloads that may or may not be out of date. */
  declare readonly undetermined: pulumi.Output<readonly WorkloadPlan[]>;
  /** Annotations that say nothing the engine understands. */
  declare readonly ignoredAnnotations: pulumi.Output<readonly IgnoredAnnotation[]>;
  /** Namespaces whose workloads enter or leave a mesh that is STRICT, and what became of that. */
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
