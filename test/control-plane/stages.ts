import type { ObjectReference } from './kube-client';

/**
 * Annotation on pods: how long they take to become ready, such as `5s`, or `never`. Without it they are ready at once.
 * A pod that never becomes ready stays Pending until a test writes its status.
 */
export const readyAfterAnnotation = 'control-plane.test/ready-after';

/**
 * Annotation on pods: what happens to their containers instead of their becoming ready, `crash-loop` or `image-pull`;
 * it lasts until a test writes their status.
 */
export const troubleAnnotation = 'control-plane.test/trouble';

/** Annotation on pods in a crash loop: how long until they become ready all the same, such as `5s`. */
export const recoversAfterAnnotation = 'control-plane.test/recovers-after';

/** Annotation on a Job's pods: `true` keeps them running; without it they complete at once. */
export const keepsRunningAnnotation = 'control-plane.test/keeps-running';

const annotation = (name: string) => `.metadata.annotations["${name}"]`;
const alive = { key: '.metadata.deletionTimestamp', operator: 'DoesNotExist' };
/** istiod's pods become ready when the process that serves in their place does: see istiod.ts. */
const notIstiod = { key: '.metadata.labels["app"]', operator: 'NotIn', values: ['istiod'] };
const trouble = (value: string) => ({ key: annotation(troubleAnnotation), operator: 'In', values: [value] });
const phase = (value: string) => ({ key: '.status.phase', operator: 'In', values: [value] });

/** The lifecycle of nodes and pods, as objects of kwok's own kind Stage. */
export function stages(): ObjectReference[] {
  return [
    stage(
      'node-ready',
      [
        {
          key: '.status.conditions.[] | select( .type == "Ready" ) | .status',
          operator: 'NotIn',
          values: ['True'],
        },
      ],
      { statusTemplate: readyNodeStatus },
      { kind: 'Node' },
    ),
    stage(
      'pod-ready',
      [
        alive,
        phase('Pending'),
        { key: annotation(readyAfterAnnotation), operator: 'DoesNotExist' },
        { key: annotation(troubleAnnotation), operator: 'DoesNotExist' },
        notIstiod,
      ],
      { statusTemplate: readyStatus },
    ),
    stage('pod-crash-loop', [alive, phase('Pending'), trouble('crash-loop')], { statusTemplate: crashLoopStatus }),
    stage(
      'pod-recover',
      [
        alive,
        { key: annotation(recoversAfterAnnotation), operator: 'Exists' },
        { key: '.status.containerStatuses.[].state.waiting.reason', operator: 'In', values: ['CrashLoopBackOff'] },
      ],
      { statusTemplate: readyStatus },
      { delay: { durationMilliseconds: 1000, durationFrom: { expressionFrom: annotation(recoversAfterAnnotation) } } },
    ),
    stage(
      'pod-image-pull',
      [alive, phase('Pending'), trouble('image-pull'), { key: '.status.containerStatuses', operator: 'DoesNotExist' }],
      { statusTemplate: imagePullStatus },
    ),
    stage(
      'pod-ready-late',
      [
        alive,
        phase('Pending'),
        { key: annotation(readyAfterAnnotation), operator: 'Exists' },
        { key: annotation(readyAfterAnnotation), operator: 'NotIn', values: ['never'] },
      ],
      { statusTemplate: readyStatus },
      { delay: { durationMilliseconds: 1000, durationFrom: { expressionFrom: annotation(readyAfterAnnotation) } } },
    ),
    stage(
      'pod-complete',
      [
        alive,
        phase('Running'),
        { key: '.metadata.ownerReferences.[].kind', operator: 'In', values: ['Job'] },
        { key: annotation(keepsRunningAnnotation), operator: 'NotIn', values: ['true'] },
      ],
      { statusTemplate: completedStatus },
    ),
    stage('pod-delete', [{ key: '.metadata.deletionTimestamp', operator: 'Exists' }], {
      finalizers: { empty: true },
      delete: true,
    }),
  ];
}

function stage(
  name: string,
  matchExpressions: readonly object[],
  next: object,
  { kind = 'Pod', delay }: { kind?: 'Node' | 'Pod'; delay?: object } = {},
): ObjectReference {
  const spec = { resourceRef: { apiGroup: 'v1', kind }, selector: { matchExpressions }, next, delay };
  const object = { apiVersion: 'kwok.x-k8s.io/v1alpha1', kind: 'Stage', metadata: { name }, spec };
  return object;
}

const readyNodeStatus = `
conditions:
- { type: Ready, status: "True", reason: KubeletReady, lastHeartbeatTime: {{ Now | Quote }}, lastTransitionTime: {{ Now | Quote }} }
`;

const readyStatus = `
{{ $now := Now }}
phase: Running
startTime: {{ $now | Quote }}
{{ with NodeIPsWith .spec.nodeName }}
hostIP: {{ index . 0 | Quote }}
{{ end }}
{{ with PodIPsWith .spec.nodeName (or .spec.hostNetwork false) (or .metadata.uid "") (or .metadata.name "") (or .metadata.namespace "") }}
podIP: {{ index . 0 | Quote }}
podIPs:
- ip: {{ index . 0 | Quote }}
{{ end }}
conditions:
- { type: Initialized, status: "True", lastTransitionTime: {{ $now | Quote }} }
- { type: ContainersReady, status: "True", lastTransitionTime: {{ $now | Quote }} }
- { type: Ready, status: "True", lastTransitionTime: {{ $now | Quote }} }
containerStatuses:
{{ range .spec.containers }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  ready: true
  started: true
  restartCount: 0
  state: { running: { startedAt: {{ $now | Quote }} } }
{{ end }}
initContainerStatuses:
{{ range .spec.initContainers }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  ready: true
  restartCount: 0
  {{ if eq .restartPolicy "Always" }}
  started: true
  state: { running: { startedAt: {{ $now | Quote }} } }
  {{ else }}
  state: { terminated: { exitCode: 0, reason: Completed, startedAt: {{ $now | Quote }}, finishedAt: {{ $now | Quote }} } }
  {{ end }}
{{ end }}
`;

/** The kubelet reports a pod as Running while its containers wait to be started again. */
const crashLoopStatus = waitingStatus('Running', 'CrashLoopBackOff', 'back-off 5m0s restarting failed container');

const imagePullStatus = waitingStatus('Pending', 'ImagePullBackOff', 'Back-off pulling image');

function waitingStatus(inPhase: string, reason: string, message: string): string {
  return `
{{ $now := Now }}
phase: ${inPhase}
conditions:
- { type: ContainersReady, status: "False", reason: ContainersNotReady, lastTransitionTime: {{ $now | Quote }} }
- { type: Ready, status: "False", reason: ContainersNotReady, lastTransitionTime: {{ $now | Quote }} }
containerStatuses:
{{ range .spec.containers }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  ready: false
  started: false
  restartCount: 0
  state: { waiting: { reason: ${reason}, message: ${message} } }
{{ end }}
`;
}

const completedStatus = `
{{ $now := Now }}
phase: Succeeded
containerStatuses:
{{ range .spec.containers }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  ready: false
  started: false
  restartCount: 0
  state: { terminated: { exitCode: 0, reason: Completed, startedAt: {{ $now | Quote }}, finishedAt: {{ $now | Quote }} } }
{{ end }}
`;
