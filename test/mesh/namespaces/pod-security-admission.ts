import { MeshNamespace, type PodSecurityLevel } from 'istio-module';
import { serviceAccountIn, until, type KubeClient, type KubeObject } from '../../control-plane/kube-client';
import { emptyChart, synthesized } from '../synthesis';

const HARDENED = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  runAsNonRoot: true,
  runAsUser: 1000,
};
const SECCOMP = { seccompProfile: { type: 'RuntimeDefault' } };

/**
 * Creates a namespace with sidecars that enforces a level. Returns a function that returns the containers of a hardened
 * pod if the namespace admits it, or the refusal. The seccomp profile is set on the pod or on its container.
 */
export async function namespaceThatEnforces(client: KubeClient, enforce: PodSecurityLevel) {
  const chart = emptyChart();
  const namespace = `secured-${enforce}`;
  new MeshNamespace(chart, 'secured', { name: namespace, podSecurity: { enforce } });
  for (const manifest of synthesized(chart)) await client.apply(manifest);
  await serviceAccountIn(client, namespace);

  return async (seccompOn: 'pod' | 'container'): Promise<string[]> => {
    const securityContext = seccompOn === 'container' ? { ...HARDENED, ...SECCOMP } : HARDENED;
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'app', namespace },
      spec: {
        ...(seccompOn === 'pod' ? { securityContext: SECCOMP } : {}),
        containers: [{ name: 'app', image: 'app:1', securityContext }],
      },
    };
    let answer: string[] = [];
    // The injector notices a namespace a moment after it is created.
    await until(async () => {
      answer = await client.apply(pod, { dryRun: true }).then(containerNames, (error: unknown) => [String(error)]);
      return answer.join().includes('istio-proxy');
    }, `a sidecar in ${namespace}`);
    return answer;
  };
}

function containerNames({ spec }: KubeObject): string[] {
  const { initContainers = [], containers = [] } = spec as Record<string, { name: string }[] | undefined>;
  return [...initContainers, ...containers].map(({ name }) => name);
}
