import { planRestarts } from 'istio-module/engine';
import type { KubeObject, ObjectReference } from '../control-plane/kube-client';
import { leastPrivilege } from '../e2e/restart-permissions';
import { deployment, pod, workload } from '../e2e/workload';
import { proxyOf, type AdmittedPod } from './admission-webhooks';
import { CURRENT, decisionsOf, MeshAmongOthers, planned, RESTART } from './mesh-among-others';
import { annotated, cpu, DRAIN, ROWS, sized, variable } from './other-webhooks-rows';

const MINUTES = 60_000;
const OPEN = 'undetermined DryRunNotGranted';
const NEXT = { version: '1.31.2' };

/** Raw values of the istiod chart. */
const istiod = (values: Readonly<Record<string, unknown>>) => ({ values: { istiod: values } });

describe('credentials that may create no pods', () => {
  let mesh: MeshAmongOthers;
  let kubeconfig: string;

  beforeAll(async () => {
    mesh = await MeshAmongOthers.start();
    kubeconfig = await leastPrivilege(mesh.cluster.controlPlane, mesh.client, 'asking');
  }, 10 * MINUTES);

  afterEach(() => mesh.reset(), 2 * MINUTES);

  afterAll(() => mesh.stop(), MINUTES);

  const decisions = (namespace: string) => mesh.decisions(namespace, { kubeconfig });
  const touches = (namespace: string) => mesh.touches(namespace, { kubeconfig });
  const both = ['Deployment/front', 'StatefulSet/ledger'];
  const of = (decision: string) => Object.fromEntries(both.map((name) => [name, decision]));

  /** A Deployment and a StatefulSet. */
  const runBoth = (namespace: string) =>
    mesh.run(
      namespace,
      2,
      deployment('front', { namespace }),
      workload('apps/v1', 'StatefulSet', 'ledger', { namespace, spec: { serviceName: 'ledger' } }),
    );

  it(
    'find everything current, restart all that an upgrade puts out of date, and nothing twice',
    async () => {
      const namespace = 'plain';
      await mesh.namespace(namespace);
      await runBoth(namespace);
      const plan = await mesh.plan(namespace, { kubeconfig });
      expect(decisionsOf(plan)).toEqual(of(CURRENT));
      expect(planned(plan.workloads, 'Deployment/front')?.others).toBeUndefined();
      expect(plan.notes).toEqual([
        'fields that others besides the injector may set are undetermined, since the credentials may not create pods, not even as a dry run, in namespace plain',
      ]);

      await mesh.configure(NEXT);
      const { touched, rounds } = await mesh.restart(namespace, { kubeconfig });
      expect({ touched, rounds }).toEqual({ touched: both, rounds: 1 });
      expect(await decisions(namespace)).toEqual(of(CURRENT));
      expect(await touches(namespace)).toEqual([]);
      await mesh.configure({ ...NEXT, ...DRAIN });
      expect(await touches(namespace)).toEqual(both);
      expect(await touches(namespace)).toEqual([]);

      // Credentials with more permissions lead to the same result.
      expect(await mesh.decisions(namespace)).toEqual(of(CURRENT));
    },
    6 * MINUTES,
  );

  it(
    'leave workloads undetermined where only the size of sidecars changes',
    async () => {
      const namespace = 'resized';
      await mesh.namespace(namespace);
      await runBoth(namespace);
      await mesh.outdate();
      expect(await touches(namespace)).toEqual([]);
      expect(await decisions(namespace)).toEqual(of(OPEN));
    },
    4 * MINUTES,
  );

  const rows = ROWS.filter(({ namespace }) => ['mirrored', 'pinned', 'sized', 'unlimited'].includes(namespace));

  it.each(rows.map((row) => [row.what, row] as const))(
    'restart nothing for webhooks that decide %s, and everything once after an upgrade',
    async (_, { namespace, webhook, mutate }) => {
      const name = `${namespace}-alone`;
      await mesh.namespace(name);
      await mesh.webhooks.add(webhook, [name], mutate);
      await runBoth(name);
      expect(await touches(name)).toEqual([]);
      expect(await decisions(name)).toEqual(of(OPEN));

      await mesh.configure(NEXT);
      expect(await touches(name)).toEqual(both);
      expect(await touches(name)).toEqual([]);
    },
    5 * MINUTES,
  );

  it.each([
    ['variables', 'varied', 'zz-others', variable('SITE', () => 'north')],
    ['a size', 'boosted', 'zz-others', cpu(() => '200m')],
    [
      'the size by an annotation that Istio reads',
      'annotated-alone',
      'aa-others',
      annotated('sidecar.istio.io/proxyCPU', () => '150m'),
    ],
    [
      'the proxies’ configuration by an annotation that Istio reads',
      'configured-alone',
      'aa-others',
      annotated('proxy.istio.io/config', () => '{ drainDuration: 33s }'),
    ],
  ])(
    'restart nothing for webhooks that add %s',
    async (_, namespace, webhook, mutate) => {
      await mesh.namespace(namespace);
      await mesh.webhooks.add(webhook, [namespace], mutate);
      await runBoth(namespace);
      expect(await touches(namespace)).toEqual([]);
      expect(await decisions(namespace)).toEqual(of(OPEN));
    },
    4 * MINUTES,
  );

  it(
    'see whether the injector would be called: outside the mesh, by labels, and with autoInject: disabled',
    async () => {
      await mesh.namespace('outside', {});
      const asking = { templateLabels: { 'sidecar.istio.io/inject': 'true' } };
      await mesh.run(
        'outside',
        2,
        deployment('asking', { namespace: 'outside', ...asking }),
        deployment('silent', { namespace: 'outside' }),
      );
      expect(await decisions('outside')).toEqual({ 'Deployment/asking': CURRENT });
      await mesh.namespace('inside');
      const refusing = { templateLabels: { 'sidecar.istio.io/inject': 'false' } };
      await mesh.run(
        'inside',
        2,
        deployment('refusing', { namespace: 'inside', ...refusing }),
        deployment('build', { namespace: 'inside', templateLabels: { tier: 'build' } }),
      );
      expect(await decisions('inside')).toEqual({ 'Deployment/build': CURRENT });

      const neverInjectSelector = [{ matchLabels: { tier: 'build' } }];
      await mesh.configure(istiod({ sidecarInjectorWebhook: { neverInjectSelector } }));
      expect(await decisions('inside')).toEqual({ 'Deployment/build': RESTART });
      expect(await touches('inside')).toEqual(['Deployment/build']);
      expect(await touches('inside')).toEqual([]);

      await mesh.configure(istiod({ global: { proxy: { autoInject: 'disabled' } } }));
      expect(await decisions('outside')).toEqual({ 'Deployment/asking': CURRENT });
      expect(await touches('inside')).toEqual([]);
      const pods = await mesh.client.list<KubeObject & AdmittedPod>('v1', 'Pod', { namespace: 'inside' });
      expect(pods.flatMap((one) => proxyOf(one) ?? [])).toEqual([]);
    },
    6 * MINUTES,
  );

  it(
    'see what a custom injection template changes',
    async () => {
      const namespace = 'styled-alone';
      const template = (site: string) =>
        istiod({
          sidecarInjectorWebhook: {
            defaultTemplates: ['sidecar', 'own'],
            templates: {
              own: `{ spec: { initContainers: [{ name: istio-proxy, env: [{ name: SITE, value: ${site} }] }] } }`,
            },
          },
        });
      await mesh.configure(template('north'));
      await mesh.namespace(namespace);
      await mesh.run(namespace, 2, deployment('web', { namespace }), pod('tool', { namespace }));
      expect(await decisions(namespace)).toEqual({ 'Deployment/web': CURRENT, 'Pod/tool': CURRENT });
      await mesh.configure(template('south'));
      expect(await decisions(namespace)).toEqual({ 'Deployment/web': RESTART, 'Pod/tool': 'warn BarePod' });
      expect(await touches(namespace)).toEqual(['Deployment/web']);
      expect(await touches(namespace)).toEqual([]);
    },
    5 * MINUTES,
  );

  it(
    'restart, in a namespace whose quota is used up, only workloads that delete a pod before they create one',
    async () => {
      const namespace = 'full-alone';
      await mesh.namespace(namespace);
      await runBoth(namespace);
      const metadata = { name: 'pods', namespace };
      const quota: ObjectReference & { spec: object } = {
        ...{ apiVersion: 'v1', kind: 'ResourceQuota', metadata, spec: { hard: { pods: '2' } } },
      };
      await mesh.client.apply(quota);
      await mesh.client.waitFor(quota, (object) =>
        JSON.stringify(object?.status ?? {}).includes('"used":{"pods":"2"}'),
      );
      await mesh.configure(DRAIN);
      const plan = await mesh.plan(namespace, { kubeconfig });
      expect(decisionsOf(plan)).toEqual({
        'Deployment/front': 'undetermined DryRunDenied',
        'StatefulSet/ledger': RESTART,
      });
      expect(planned(plan.workloads, 'Deployment/front')?.message).toContain('exceeded quota: pods');
      expect(await touches(namespace)).toEqual(['StatefulSet/ledger']);
      expect(await touches(namespace)).toEqual([]);
    },
    5 * MINUTES,
  );

  it(
    'bring a namespace into the mesh, unless others may refuse its sidecars',
    async () => {
      await mesh.namespace('joining', {});
      await mesh.namespace('guarded', {});
      await runBoth('joining');
      await runBoth('guarded');
      await mesh.namespace('joining');
      await mesh.namespace('guarded');
      await mesh.webhooks.add('zz-others', ['guarded'], sized);
      expect(await touches('guarded')).toEqual([]);
      const plan = await mesh.plan('guarded', { kubeconfig });
      expect(decisionsOf(plan)).toEqual(of(OPEN));
      expect(planned(plan.workloads, 'Deployment/front')?.message).toContain('webhook configuration zz-others');
      expect(await touches('joining')).toEqual(both);
      expect(await touches('joining')).toEqual([]);
    },
    5 * MINUTES,
  );

  it(
    'plan exactly in a namespace where they may create pods, and leave the others undetermined',
    async () => {
      const namespace = 'granted';
      const other = 'not-granted';
      for (const name of [namespace, other]) {
        await mesh.namespace(name);
        await runBoth(name);
      }
      const metadata = { name: 'pods', namespace };
      const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata };
      const rules = [{ apiGroups: [''], resources: ['pods'], verbs: ['create'] }];
      await mesh.client.apply({ ...role, rules } as ObjectReference);
      await mesh.client.apply({
        ...{ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', metadata },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'pods' },
        subjects: [{ kind: 'ServiceAccount', name: 'asking', namespace: 'default' }],
      } as ObjectReference);
      await mesh.outdate();
      const injector = { deadlineSeconds: 60, settleSeconds: 3, probes: 2 };
      const namespaces = [namespace, other];
      const { workloads, notes } = await planRestarts({ kubeconfig, namespaces, injector });
      const planOf = (name: string) =>
        decisionsOf({ workloads: workloads.filter((one) => one.namespace === name) } as never);
      expect(planOf(namespace)).toEqual(of(RESTART));
      expect(planOf(other)).toEqual(of(OPEN));
      expect(notes).toEqual([expect.stringMatching(/in namespace not-granted$/)]);
    },
    4 * MINUTES,
  );
});
