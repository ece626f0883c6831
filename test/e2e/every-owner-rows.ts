import type { Decision } from 'istio-module/engine';
import { closedWindow, closedWindowOpens } from './every-owner';
import { OWNERS_NAMESPACE } from './workload';

const CHANGE = 'istio-proxy.env.PROXY_CONFIG.drainDuration (none) → 30s';
const one = `1 of 1 pod out of date (${CHANGE})`;
const two = `2 of 2 pods out of date (${CHANGE})`;

/** A row of the table of decisions, and the workload that shows it. */
export interface Row {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
  /** The label `app` of its pods, if it is not the workload's name. */
  readonly app?: string;
  readonly decision: Decision;
  readonly reason: string;
  readonly message: string | RegExp;
  /** `POD` stands for the name of its first pod that is out of date. */
  readonly remedy?: string;
}

const restart = (kind: string, name: string, message = two, app = name): Row => ({
  ...{ kind, name, app, message, decision: 'restart', reason: 'OutOfDate' },
});
const warn = (kind: string, name: string, reason: string, sentence: string, remedy: string): Row => ({
  ...{ kind, name, reason, remedy, decision: 'warn', message: `${one}; ${sentence}` },
});
const skip = (name: string, namespace: string, reason: string, message: string): Row => ({
  ...{ kind: 'Deployment', name, namespace, reason, message, decision: 'skip' },
});
const deletePod = 'kubectl -n owners delete pod POD';
const onDelete = 'its update strategy OnDelete replaces pods only when they are deleted';

export const ROWS: readonly Row[] = [
  restart('Deployment', 'web'),
  restart('StatefulSet', 'store'),
  restart('DaemonSet', 'agent'),
  restart('Rollout', 'shipped'),
  restart('Rollout', 'referring', two, 'referred'),
  restart('Rollout', 'midway'),
  {
    ...{ kind: 'Deployment', name: 'rolling', decision: 'wait', reason: 'RollingOut' },
    message: 'already rolling out to up-to-date pods',
  },
  {
    ...{ kind: 'Deployment', name: 'fresh', decision: 'current', reason: 'UpToDate' },
    message: 'its sidecars match what the injector adds today',
  },
  warn(
    ...(['Job', 'once', 'JobOwned', 'a Job cannot be restarted, only run again from its start'] as const),
    `kubectl -n owners get job once -o json | jq 'del(.spec.selector, .spec.template.metadata.labels["controller-uid", "batch.kubernetes.io/controller-uid"])' | kubectl replace --force -f -`,
  ),
  {
    ...warn(
      ...(['Job', 'nightly-1', 'JobOwned'] as const),
      'a Job cannot be restarted; the next run of CronJob nightly starts with up-to-date pods',
      'kubectl -n owners create job --from=cronjob/nightly nightly-1-again',
    ),
    app: 'nightly',
  },
  warn(
    ...(['ReplicaSet', 'bare-set', 'BareReplicaSet'] as const),
    'a ReplicaSet without a Deployment replaces pods only when they are deleted',
    deletePod,
  ),
  warn(
    ...(['ReplicationController', 'controller', 'ReplicationController'] as const),
    'a ReplicationController replaces pods only when they are deleted',
    deletePod,
  ),
  warn(
    ...(['Pod', 'bare', 'BarePod', 'a Pod without a controller is not created again when it is deleted'] as const),
    'kubectl -n owners replace --force -f MANIFEST-OF-bare.yaml',
  ),
  {
    ...{ kind: 'Pod', namespace: 'joining', name: 'static', decision: 'warn', reason: 'StaticPod' },
    message:
      '1 of 1 pod lacks the sidecar that the injector adds; a static Pod is created by the kubelet of its node, and webhooks cannot inject it',
    remedy: 'kubectl -n joining get pod static -o wide',
  },
  warn('StatefulSet', 'by-hand', 'OnDelete', onDelete, deletePod),
  {
    ...warn('DaemonSet', 'by-hand-too', 'OnDelete', onDelete, deletePod),
    message: `${two}; ${onDelete} (delete one pod at a time)`,
  },
  warn(
    ...(['StatefulSet', 'staged', 'Partitioned'] as const),
    'its pods below partition 1 are not replaced by a rolling update',
    deletePod,
  ),
  warn(
    ...(['Deployment', 'paused', 'Paused'] as const),
    'the Deployment is paused, so a new template would not be rolled out',
    'kubectl -n owners rollout resume deployment/paused && kubectl -n owners rollout restart deployment/paused',
  ),
  {
    ...warn(
      ...(['Rollout', 'updating', 'Updating', ''] as const),
      'kubectl argo rollouts -n owners promote updating, or kubectl argo rollouts -n owners restart updating',
    ),
    message: `1 of 2 pods out of date (${CHANGE}); they run the version before an update that is under way, which will replace them`,
  },
  {
    ...{ kind: 'Deployment', namespace: 'leaving', name: 'gateway', decision: 'warn', reason: 'NeedsInjector' },
    message:
      '1 of 1 pod has a sidecar that Istio no longer injects; its template leaves the image of istio-proxy to the injector (image: auto), so new pods could not start',
    remedy: 'kubectl -n leaving delete deployment/gateway',
  },
  warn(
    ...(['Widget', 'wound', 'UnknownController'] as const),
    'the engine does not know how Widget replaces its pods',
    deletePod,
  ),
  warn(
    ...(['ReplicaSet', 'wound-set', 'UnknownController'] as const),
    'the engine does not know how Widget replaces its pods',
    deletePod,
  ),
  skip(
    ...(['own-proxy', 'owners', 'CustomProxyImage'] as const),
    'left alone: the annotation sidecar.istio.io/proxyImage sets a custom image for its sidecar',
  ),
  skip('excluded', 'owners', 'Excluded', 'left alone: it is annotated istio-module/restart: disabled'),
  skip('kept', 'kept', 'Excluded', 'left alone: its namespace is annotated istio-module/restart: disabled'),
  skip('elsewhere', 'elsewhere', 'Excluded', 'left alone: namespace elsewhere is not selected'),
  {
    ...{ kind: 'Deployment', name: 'out-of-hours', decision: 'deferred', reason: 'OutsideWindow' },
    message: `${one}; its maintenance window (${closedWindow()}) opens at ${closedWindowOpens()}, and a run within the window restarts it`,
  },
  {
    ...{ kind: 'Deployment', namespace: 'full', name: 'full', decision: 'undetermined', reason: 'DryRunDenied' },
    message:
      /^its sidecar cannot be compared, since a new pod would be refused: pods "full-\S+" is forbidden: exceeded quota: one, requested: pods=1, used: pods=1, limited: pods=1$/,
    remedy: 'kubectl describe namespace full',
  },
];

/** A workload as `kind/namespace/name`. */
export const keyOf = ({ kind, namespace = OWNERS_NAMESPACE, name }: Pick<Row, 'kind' | 'namespace' | 'name'>) =>
  `${kind}/${namespace}/${name}`;
