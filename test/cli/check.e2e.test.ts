import { ServiceAccount } from 'cdk8s-plus-27';
import { SidecarRestartAccess } from 'istio-module';
import type { MeshInspection } from 'istio-module/engine';
import { parse } from 'yaml';
import { serviceAccountIn, until, type KubeObject, type ObjectReference } from '../control-plane/kube-client';
import { MeshCluster } from '../e2e/mesh-cluster';
import { podsOf } from '../e2e/pods-of';
import { kubeconfigWithout } from '../e2e/restart-permissions';
import { deploymentNamed, isDone, smallDeployment } from '../e2e/small-deployment';
import { emptyChart, synthesized } from '../mesh/synthesis';
import { schemaProblems } from './schema-problems';
import { CliTerminal, runCli } from './run-cli';

const MINUTES = 60_000;
const OLD_IMAGE = 'docker.io/istio/proxyv2:1.29.4-distroless';

describe('istio-module check', () => {
  let cluster: MeshCluster;

  const check = (...args: string[]) => runCli(['check', '--kubeconfig', cluster.controlPlane.kubeconfig, ...args]);

  async function namespaceWith(name: string, labels: Readonly<Record<string, string>>, app: string): Promise<void> {
    await cluster.client.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, ...{ labels } } });
    await serviceAccountIn(cluster.client, name);
    await deploy(app, name);
  }

  async function deploy(app: string, namespace: string): Promise<void> {
    await cluster.client.apply(smallDeployment(app, namespace));
    await until(
      async () => isDone(await cluster.client.find(deploymentNamed(app, namespace))),
      `Deployment ${namespace}/${app} being available`,
      { timeoutSeconds: 60 },
    );
  }

  const policy = (namespace: string, mode: string): ObjectReference & { readonly spec: object } => ({
    apiVersion: 'security.istio.io/v1',
    kind: 'PeerAuthentication',
    metadata: { name: 'default', namespace },
    spec: { mtls: { mode } },
  });

  /** What `kubectl set image pod/…` does. */
  async function patchProxy(app: string, namespace: string, image: string): Promise<void> {
    interface PodSpec {
      readonly containers: readonly { readonly name: string }[];
      readonly initContainers?: readonly { readonly name: string }[];
    }
    const [pod] = (await podsOf(cluster.client, namespace, app)) as unknown as (KubeObject & {
      readonly spec: PodSpec;
    })[];
    if (!pod) throw new Error(`no pod of ${namespace}/${app}`);
    const patched = (containers: PodSpec['containers'] = []) =>
      containers.map((container) => (container.name === 'istio-proxy' ? { ...container, image } : container));
    const { apiVersion, kind, metadata, spec } = pod;
    const change = { containers: patched(spec.containers), initContainers: patched(spec.initContainers) };
    await cluster.client.patch({ apiVersion, kind, metadata }, { spec: change });
  }

  beforeAll(async () => {
    cluster = await MeshCluster.start({ seed: false });
  }, 10 * MINUTES);

  afterAll(async () => {
    await cluster.stop();
  }, MINUTES);

  test(
    'ends with 1 and a sentence where there is no Istio',
    async () => {
      const { stdout, stderr, code } = await check();
      expect({ stdout, code }).toEqual({ stdout: '', code: 1 });
      expect(stderr).toMatch(
        /^error: Istio is not installed in the cluster of context "[^"]+": there is no injection webhook, and no validation webhook that refers to a control plane; check the context; to remove sidecars that an uninstall left behind, run istio-module remove\.\n$/,
      );
    },
    MINUTES,
  );

  test(
    'ends with 0 before the upgrade of a mesh with nothing in the way, and with 2 before a step that is refused',
    async () => {
      await cluster.apply(cluster.chart());
      await serviceAccountIn(cluster.client, 'shop');
      await deploy('cart', 'shop');
      const upgrade = await check('--to', '1.32.0');
      expect(upgrade.stdout).toBe(
        [
          'CONTROL PLANES',
          'REVISION  TAGS  VERSION  DEPLOYMENT           ROLLOUT',
          'default   -     1.31.1   istio-system/istiod  complete',
          '',
          'PROXIES, by version',
          'REVISION  CONTROL PLANE  1.31.1',
          'default   1.31.1              1',
          '',
          'UPGRADE to 1.32.0',
          'REVISION  FROM    STEP',
          'default   1.31.1  allowed',
          '',
          'NAMESPACES',
          'NAME          INJECTED BY  MUTUAL TLS  SET BY  PODS  WITH PROXY',
          'istio-system  default      STRICT      mesh       3           0',
          'shop          default      STRICT      mesh       1           1',
          '',
          'Nothing blocks an upgrade.',
          '',
        ].join('\n'),
      );
      expect({ stderr: upgrade.stderr, code: upgrade.code }).toEqual({ stderr: '', code: 0 });

      const refused = await check('--to', '1.33.0');
      expect(refused.code).toBe(2);
      expect(refused.stdout).toContain(
        [
          'FINDINGS',
          'error    UpgradeRefused',
          '         An upgrade from Istio 1.31.1 to 1.33.0 spans more than one minor version.',
          '         → upgrade to 1.32 first',
          '',
          '1 error blocks an upgrade.',
          '',
        ].join('\n'),
      );
    },
    5 * MINUTES,
  );

  test(
    'reports contradictory settings, proxies that are too old and resources that an uninstall would delete',
    async () => {
      await deploy('old', 'shop');
      await patchProxy('old', 'shop', OLD_IMAGE);
      await namespaceWith('billing', { 'istio-injection': 'disabled' }, 'invoices');
      await cluster.applyOne(policy('billing', 'STRICT'));
      await namespaceWith('payments', { 'istio-injection': 'enabled' }, 'cards');
      await cluster.applyOne(policy('payments', 'PERMISSIVE'));
      await cluster.applyOne({
        apiVersion: 'networking.istio.io/v1',
        kind: 'VirtualService',
        metadata: { name: 'invoices', namespace: 'billing' },
        ...{ spec: { hosts: ['invoices'], http: [{ route: [{ destination: { host: 'invoices' } }] }] } },
      });

      const { stdout, code } = await check('-o', 'json');
      expect(code).toBe(2);
      const inspection = JSON.parse(stdout) as MeshInspection;
      expect(schemaProblems('check', inspection)).toEqual([]);
      expect(
        inspection.findings.map((one) => `${one.severity} ${one.code} ${one.object.namespace}/${one.object.name}`),
      ).toEqual([
        'error ProxyTooOld shop/old',
        'error StrictWithoutSidecars /billing',
        'error ForeignResource billing/default',
        'error ForeignResource billing/invoices',
        'error ForeignResource legacy/no-sidecars',
        'error ForeignResource legacy/default',
        'error ForeignResource payments/default',
        'error ForeignResource shop/reviews',
        'error ForeignResource shop/db',
        'error ForeignResource shop/reviews',
        'warning PlainTextNamespace /payments',
      ]);
      expect(inspection.proxies.map(({ version, skew, pods }) => ({ version, skew, pods }))).toEqual([
        { version: '1.29.4', skew: 'tooOld', pods: 1 },
        { version: '1.31.1', skew: 'none', pods: 2 },
      ]);
      expect(parse((await check('-o', 'yaml')).stdout)).toMatchObject({
        ...inspection,
        generatedAt: expect.any(String) as unknown,
      });
    },
    5 * MINUTES,
  );

  test(
    'checks only the chosen namespaces, for the chosen purpose',
    async () => {
      const payments = await check('--for', 'upgrade', '-n', 'payments');
      expect(payments.code).toBe(0);
      expect(payments.stdout).toContain(
        [
          'warning  PlainTextNamespace',
          '         Namespace payments gets sidecars, but PeerAuthentication payments/default makes mutual TLS PERMISSIVE there, so they also accept plain text.',
          `         → kubectl -n payments patch peerauthentication/default --type=merge -p '{"spec":{"mtls":{"mode":"STRICT"}}}'`,
          '',
          'Nothing blocks an upgrade; 1 warning.',
        ].join('\n'),
      );
      const billing = await check('--for', 'uninstall', '-n', 'billing');
      expect(billing.code).toBe(2);
      expect(billing.stdout).toContain(
        [
          "RESOURCES of Istio's API groups that are not part of the installation",
          'KIND                NAMESPACE  NAME',
          'PeerAuthentication  billing    default',
          'VirtualService      billing    invoices',
          '',
          'FINDINGS',
          'error    ForeignResource',
          "         The 2 resources above would be deleted with Istio's CRDs; see -o json for the command that deletes each.",
          '',
          '2 errors block an uninstall.',
        ].join('\n'),
      );
      const nowhere = await check('-n', 'nowhere');
      expect(nowhere).toEqual({
        stdout: '',
        stderr: 'error: The cluster has no namespace nowhere; use namespaces that exist.\n',
        code: 1,
      });
    },
    2 * MINUTES,
  );

  test(
    'needs what SidecarRestartAccess grants, and names what is missing',
    async () => {
      const { client, controlPlane } = cluster;
      const chart = emptyChart();
      const subject = ServiceAccount.fromServiceAccountName(chart, 'user', 'checker', { namespaceName: 'default' });
      new SidecarRestartAccess(chart, 'checker', { subjects: [subject] });
      for (const object of synthesized(chart)) await client.apply(object);
      await serviceAccountIn(client, 'default');
      await client.apply({
        apiVersion: 'v1',
        kind: 'ServiceAccount',
        metadata: { name: 'checker', namespace: 'default' },
      });
      const granted = await controlPlane.kubeconfigOf('default', 'checker');
      const { stderr, code } = await runCli(['check', '-n', 'payments', '--for', 'upgrade', '--kubeconfig', granted]);
      expect({ stderr, code }).toEqual({ stderr: '', code: 0 });

      const restarter = await kubeconfigWithout(controlPlane, client, 'restarter');
      expect(await runCli(['check', '--kubeconfig', restarter])).toEqual({
        stdout: '',
        stderr:
          'error: The cluster refuses GET /apis/extensions.istio.io/v1alpha1/trafficextensions: trafficextensions.extensions.istio.io is forbidden: User "system:serviceaccount:default:restarter" cannot list resource "trafficextensions" in API group "extensions.istio.io" at the cluster scope; grant the verb list on trafficextensions.extensions.istio.io, as a SidecarRestartAccess does, unless it has uninstall: false (see Permissions in the README).\n',
        code: 1,
      });
    },
    2 * MINUTES,
  );

  test(
    'shows colours on a terminal, unless NO_COLOR is set',
    async () => {
      const args = ['check', '--kubeconfig', cluster.controlPlane.kubeconfig, '-n', 'shop', '--for', 'upgrade'];
      const coloured = new CliTerminal(args);
      expect(await coloured.ended).toBe(2);
      expect(coloured.output).toContain('\u001b[31merror    \u001b[39mProxyTooOld');
      expect(coloured.output).toContain('\u001b[31m1!\u001b[39m');
      expect(coloured.text).toContain('1 error blocks an upgrade.');
      const plain = new CliTerminal(args, { env: { NO_COLOR: '1' } });
      expect(await plain.ended).toBe(2);
      expect(plain.output).toBe(coloured.text.replaceAll('\n', '\r\n'));
    },
    2 * MINUTES,
  );
});
