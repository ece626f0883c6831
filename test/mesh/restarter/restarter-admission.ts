import { JsonPatch } from 'cdk8s';
import { ExistingIstio, RestarterMode, SidecarRestarter } from 'istio-module';
import type { KubeClient, KubeObject } from '../../control-plane/kube-client';
import { emptyChart, synthesized, type Manifest } from '../synthesis';

const image = 'registry.example.com/istio-module:0.1.0';

/**
 * Sends a dry run of the pod of a restarter to the API server and the injector, in a namespace with sidecars that
 * enforces the Pod Security Standard `restricted`. The namespace has to exist.
 *
 * @returns the names of its containers
 */
export async function restrictedRestarter(client: KubeClient): Promise<string[]> {
  const chart = emptyChart();
  const namespace = 'secured-restricted';
  const istio = new ExistingIstio(chart, 'istio');
  new SidecarRestarter(chart, 'restarter', { istio, image, namespace, mode: RestarterMode.afterSync() });
  const own = synthesized(chart);
  const account = own.find(({ kind }) => kind === 'ServiceAccount') as Manifest;
  await client.apply(account);
  const job = own.find(({ kind }) => kind === 'Job') as Manifest;
  await client.apply(job, { dryRun: true });
  const { template } = job.spec as unknown as { template: { metadata: object; spec: object } };
  const pod = {
    ...{ apiVersion: 'v1', kind: 'Pod', spec: template.spec },
    metadata: { ...template.metadata, name: 'restarter', namespace },
  };
  const { spec } = await client.apply<KubeObject & { spec: Record<string, { name: string }[] | undefined> }>(pod, {
    dryRun: true,
  });
  await client.delete(account);
  const { initContainers = [], containers = [] } = spec;
  return [...initContainers, ...containers].map(({ name }) => name);
}

/** Why the API server refuses a CronJob with this schedule; undefined if it accepts the schedule. */
export async function scheduleRefusal(client: KubeClient, cron: string): Promise<string | undefined> {
  const chart = emptyChart();
  const istio = new ExistingIstio(chart, 'istio');
  const mode = RestarterMode.schedule('@daily', { timeZone: 'Europe/Berlin' });
  const restarter = new SidecarRestarter(chart, 'restarter', { istio, image, namespace: 'default', mode });
  restarter.cronJob?.addJsonPatch(JsonPatch.replace('/spec/schedule', cron));
  const cronJob = synthesized(chart).find(({ kind }) => kind === 'CronJob') as Manifest;
  return client.apply(cronJob, { dryRun: true }).then(
    () => undefined,
    (error: unknown) => String(error),
  );
}
