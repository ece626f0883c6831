import { restartPodTemplate, type RestartPod } from './restart-pod';

/** The port of the metrics and probes, and its name. */
export const METRICS_PORT = 9090;
export const PORT_NAME = 'http-metrics';

/** Input for the Deployment of a restarter. */
export interface RestartDeployment extends RestartPod {
  readonly replicas: number;
  /** Number of seconds for the first run, after which the Deployment is considered failed. */
  readonly progressDeadlineSeconds: number;
  readonly selector: Readonly<Record<string, string>>;
  /** Number of seconds for which a terminating pod may wait for rollouts in progress. */
  readonly gracePeriodSeconds: number;
}

/** The spec of a Deployment that watches. Its pods are ready when the first run is complete, or while they stand by. */
export function restartDeploymentSpec(deployment: RestartDeployment): Record<string, unknown> {
  const { replicas, progressDeadlineSeconds, selector, gracePeriodSeconds, ...pod } = deployment;
  const probe = (path: string) => ({ httpGet: { path, port: PORT_NAME }, periodSeconds: 10 });
  return {
    replicas,
    progressDeadlineSeconds,
    selector: { matchLabels: selector },
    template: restartPodTemplate(pod, {
      restartPolicy: 'Always',
      pod: { terminationGracePeriodSeconds: gracePeriodSeconds },
      container: {
        ports: [{ name: PORT_NAME, containerPort: METRICS_PORT }],
        livenessProbe: { ...probe('/healthz'), timeoutSeconds: 5 },
        readinessProbe: { ...probe('/readyz'), timeoutSeconds: 5 },
      },
    }),
  };
}
