import { ApiObject, Chart, JsonPatch } from 'cdk8s';
import {
  AuthorizationAction,
  AuthorizationPolicy,
  Condition,
  Destination,
  ExistingIstio,
  InstallationStage,
  MeshNamespace,
  MutualTls,
  NamespaceOwnership,
  OrderedApp,
  Ordering,
  PeerAuthentication,
  Requests,
  SidecarInjection,
  SidecarRestartAccess,
  StrictPeerAuthentication,
  TrafficPolicy,
  type AuthorizationPolicyProps,
} from 'istio-module';
import { fakeModule, synthesized, title, type Manifest } from '../synthesis';

const WAVE = 'argocd.argoproj.io/sync-wave';

function orderedChart(): Chart {
  return new Chart(new OrderedApp({ ordering: Ordering.argoCd() }), 'mesh');
}

/** The stage of each object of a Chart, by title. */
function stagesOf(chart: Chart): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(synthesized(chart).map((manifest) => [title(manifest), stageOf(manifest)]));
}

function stageOf({ metadata }: Manifest): string | undefined {
  const wave = Number(metadata.annotations?.[WAVE]);
  return InstallationStage.ALL.find(({ syncWave }) => syncWave === wave)?.name;
}

let objects = 0;

function plain(chart: Chart, apiVersion: string, kind: string, namespace?: string, fields: object = {}): ApiObject {
  return new ApiObject(chart, `plain-${String(objects++)}`, {
    ...{ apiVersion, kind },
    metadata: { name: 'plain', ...(namespace === undefined ? {} : { namespace }) },
    ...fields,
  });
}

const webhooks = (name: string) => ({ webhooks: [{ name, clientConfig: {} }] });
const strictPort = { spec: { mtls: { mode: 'PERMISSIVE' }, portLevelMtls: { 8080: { mode: 'STRICT' } } } };

describe('the stage of', () => {
  test('what constructs create', () => {
    const chart = orderedChart();
    fakeModule(chart, { ingressGateways: [{ name: 'public' }], networkPolicies: {} });
    const shop = new MeshNamespace(chart, 'shop', { name: 'shop', ownership: NamespaceOwnership.ADOPT });
    new MeshNamespace(chart, 'legacy', { name: 'legacy', injection: SidecarInjection.DISABLED });
    new StrictPeerAuthentication(chart, 'db', { namespace: shop, workload: { app: 'db' } });
    new PeerAuthentication(chart, 'web', { namespace: shop, workload: { app: 'web' }, mode: MutualTls.DISABLE });
    new TrafficPolicy(chart, 'cart', {
      namespace: shop,
      host: 'cart',
      subsets: { v1: { version: 'v1' } },
      routes: [{ to: [Destination.subset('v1')] }],
    });
    const subjects = [{ toSubjectConfiguration: () => ({ kind: 'User', name: 'ci' }) }];
    new SidecarRestartAccess(chart, 'access', { subjects });
    const stages = stagesOf(chart);
    expect(stages).toEqual({
      'Namespace/shop': 'adopted',
      'Namespace/istio-system': 'foundation',
      'Namespace/legacy': 'foundation',
      'CustomResourceDefinition/virtualservices.networking.istio.io': 'foundation',
      'ClusterRole/access': 'foundation',
      'ClusterRoleBinding/access': 'foundation',
      'Role/istio-system/access': 'foundation',
      'RoleBinding/istio-system/access': 'foundation',
      'ConfigMap/istio-system/fake-istio-base': 'control-plane',
      'ConfigMap/istio-system/fake-istiod': 'control-plane',
      'ConfigMap/istio-system/fake-istio-cni': 'control-plane',
      'ServiceAccount/istio-system/istiod': 'control-plane',
      'ServiceAccount/istio-system/istio-cni': 'control-plane',
      'Service/istio-system/istiod': 'control-plane',
      'ClusterRole/istiod': 'control-plane',
      'Deployment/istio-system/istiod': 'control-plane',
      'HorizontalPodAutoscaler/istio-system/istiod': 'control-plane',
      'DaemonSet/istio-system/istio-cni-node': 'control-plane',
      'NetworkPolicy/istio-system/istiod': 'control-plane',
      'NetworkPolicy/istio-system/istio-cni': 'control-plane',
      'NetworkPolicy/istio-system/default-deny': 'control-plane',
      'MutatingWebhookConfiguration/istio-sidecar-injector': 'webhooks',
      'ValidatingWebhookConfiguration/istiod-default-validator': 'webhooks',
      'Deployment/istio-system/public': 'mesh',
      'Service/istio-system/public': 'mesh',
      'ServiceAccount/istio-system/public': 'mesh',
      'NetworkPolicy/istio-system/public': 'mesh',
      'ConfigMap/istio-system/fake-public': 'mesh',
      'DestinationRule/legacy/no-sidecars': 'mesh',
      'PeerAuthentication/legacy/default': 'mesh',
      'PeerAuthentication/shop/web': 'mesh',
      'DestinationRule/shop/cart': 'mesh',
      'VirtualService/shop/cart': 'mesh',
      'PeerAuthentication/istio-system/default': 'strict',
      'PeerAuthentication/shop/db': 'strict',
    });
  });

  test.each<[string, Parameters<typeof plain> extends [Chart, ...infer Rest] ? Rest : never, string]>([
    ['a Secret of istiod', ['v1', 'Secret', 'istio-system'], 'foundation'],
    ['a Secret of the root namespace', ['v1', 'Secret', 'istio-config'], 'foundation'],
    ['a Secret of others', ['v1', 'Secret', 'shop'], 'mesh'],
    ['what is in no namespace', ['scheduling.k8s.io/v1', 'PriorityClass'], 'foundation'],
    ['a Namespace', ['v1', 'Namespace'], 'foundation'],
    [
      'an adopted Namespace',
      ['v1', 'Namespace', undefined, { metadata: { name: 'a', annotations: { 'istio-module/ownership': 'adopted' } } }],
      'adopted',
    ],
    ['a CustomResourceDefinition', ['apiextensions.k8s.io/v1', 'CustomResourceDefinition'], 'foundation'],
    ['what is of another kind', ['cert-manager.io/v1', 'Issuer', 'istio-system'], 'mesh'],
    ['an object of the Gateway API', ['gateway.networking.k8s.io/v1', 'Gateway', 'istio-system'], 'mesh'],
    ['what makes pods', ['apps/v1', 'Deployment', 'istio-system'], 'mesh'],
    ['a Job', ['batch/v1', 'Job', 'shop'], 'mesh'],
    [
      'a webhook of Istio',
      ['admissionregistration.k8s.io/v1', 'MutatingWebhookConfiguration', undefined, webhooks('rev.injector.istio.io')],
      'webhooks',
    ],
    [
      'a webhook of others',
      ['admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration', undefined, webhooks('a.example.com')],
      'mesh',
    ],
    ['a policy of a port', ['security.istio.io/v1', 'PeerAuthentication', 'shop', strictPort], 'strict'],
    ['another policy', ['security.istio.io/v1', 'PeerAuthentication', 'shop', { spec: {} }], 'mesh'],
    ['a resource of Istio', ['networking.istio.io/v1', 'Sidecar', 'shop'], 'mesh'],
  ])('%s', (_, object, stage) => {
    const chart = orderedChart();
    new ExistingIstio(chart, 'istio', { rootNamespace: 'istio-config' });
    plain(chart, ...object);
    expect(Object.values(stagesOf(chart))).toEqual([stage]);
  });

  test('what a patch makes STRICT', () => {
    const chart = orderedChart();
    const { apiObjects } = new PeerAuthentication(chart, 'web', { namespace: 'shop', mode: MutualTls.PERMISSIVE });
    expect(Object.values(stagesOf(chart))).toEqual(['mesh']);
    const [object] = apiObjects;
    object?.addJsonPatch(JsonPatch.replace('/spec/mtls/mode', 'STRICT'));
    expect(Object.values(stagesOf(chart))).toEqual(['strict']);
  });
});

describe('the stage of an AuthorizationPolicy that', () => {
  const { DENY, AUDIT } = AuthorizationAction;
  const policy = (chart: Chart, id: string, props: Partial<AuthorizationPolicyProps>) =>
    new AuthorizationPolicy(chart, id, {
      namespace: 'shop',
      rules: [{ from: [{ serviceAccounts: ['shop/web'] }] }],
      ...props,
    });
  const account = 'cluster.local/ns/shop/sa/web';

  test.each<[string, Partial<AuthorizationPolicyProps>, string]>([
    ['allows service accounts', {}, 'strict'],
    ['allows one of two sources', { rules: [{ from: [{ ipBlocks: ['::1'] }, { namespaces: ['a'] }] }] }, 'strict'],
    ['allows a principal by condition', { rules: [{ when: [Condition.sourcePrincipal().values(account)] }] }, 'strict'],
    ['denies other namespaces', { action: DENY, rules: [{ from: [{ notNamespaces: ['shop'] }] }] }, 'strict'],
    [
      'denies other namespaces by condition',
      { action: DENY, rules: [{ when: [Condition.sourceNamespace().notValues('shop')] }] },
      'strict',
    ],
    ['allows addresses', { rules: [{ from: [{ ipBlocks: ['10.0.0.0/8'] }] }] }, 'mesh'],
    ['allows all but a principal', { rules: [{ from: [{ notPrincipals: [account] }] }] }, 'mesh'],
    ['allows nothing', { rules: Requests.NONE }, 'mesh'],
    ['denies service accounts', { action: DENY }, 'mesh'],
    [
      'denies other known principals',
      { action: DENY, rules: [{ from: [{ principals: ['*'], notPrincipals: [account] }] }] },
      'mesh',
    ],
    ['denies a path', { action: DENY, rules: [{ to: [{ paths: ['/admin*'] }] }] }, 'mesh'],
    ['audits', { action: AUDIT }, 'mesh'],
    ['is not enforced', { dryRun: true }, 'mesh'],
    ['is for a gateway of the Gateway API', { targets: [{ kind: 'Gateway', name: 'public' }] }, 'mesh'],
    ['is for a gateway', { workload: { istio: 'public' } }, 'mesh'],
  ])('%s', (_, props, stage) => {
    const chart = orderedChart();
    new ExistingIstio(chart, 'istio');
    policy(chart, 'one', props);
    expect(stagesOf(chart)).toEqual({ 'AuthorizationPolicy/shop/one': stage });
  });

  test('allows other requests to the same workloads is that of a policy that names identities', () => {
    const chart = orderedChart();
    new ExistingIstio(chart, 'istio');
    const metrics = { rules: [{ to: [{ paths: ['/metrics'] }] }] };
    policy(chart, 'cart', { workload: { app: 'cart' } });
    policy(chart, 'cart-metrics', { workload: { app: 'cart' }, ...metrics });
    policy(chart, 'cart-v2', { workload: { app: 'cart', version: 'v2' }, ...metrics });
    policy(chart, 'db-metrics', { workload: { app: 'db' }, ...metrics });
    policy(chart, 'nothing', { rules: Requests.NONE });
    policy(chart, 'nothing-else', { namespace: 'other', rules: Requests.NONE });
    policy(chart, 'nowhere', { namespace: undefined, rules: Requests.NONE });
    policy(chart, 'no-admin', { action: DENY, rules: [{ to: [{ paths: ['/admin*'] }] }] });
    policy(chart, 'web', { namespace: 'front', workload: { app: 'web' } });
    policy(chart, 'office', { namespace: 'front', rules: [{ from: [{ ipBlocks: ['192.0.2.0/24'] }] }] });
    policy(chart, 'login', { namespace: 'front', workload: { app: 'login' }, ...metrics });
    expect(stagesOf(chart)).toEqual({
      'AuthorizationPolicy/shop/cart': 'strict',
      'AuthorizationPolicy/shop/cart-metrics': 'strict',
      'AuthorizationPolicy/shop/cart-v2': 'strict',
      'AuthorizationPolicy/shop/db-metrics': 'mesh',
      'AuthorizationPolicy/shop/nothing': 'strict',
      'AuthorizationPolicy/other/nothing-else': 'mesh',
      'AuthorizationPolicy/istio-system/nowhere': 'strict',
      'AuthorizationPolicy/shop/no-admin': 'mesh',
      'AuthorizationPolicy/front/web': 'strict',
      'AuthorizationPolicy/front/office': 'strict',
      // Otherwise, this policy would refuse the requests that the previous one allows.
      'AuthorizationPolicy/front/login': 'strict',
    });
  });
});

describe('InstallationStage', () => {
  test('takes objects, and constructs with all that is below them', () => {
    const chart = orderedChart();
    InstallationStage.RESTART.add(plain(chart, 'v1', 'ConfigMap', 'shop'));
    InstallationStage.CONTROL_PLANE.add(new MeshNamespace(chart, 'edge', { name: 'edge', egress: { hosts: ['./*'] } }));
    expect(stagesOf(chart)).toEqual({
      'ConfigMap/shop/plain': 'restart',
      'Namespace/edge': 'control-plane',
      'Sidecar/edge/default': 'control-plane',
    });
  });

  test('takes an object once', () => {
    const object = plain(orderedChart(), 'v1', 'ConfigMap', 'shop');
    InstallationStage.MESH.add(object);
    InstallationStage.MESH.add(object);
    expect(() => {
      InstallationStage.STRICT.add(object);
    }).toThrow(
      `ApiObject ${object.node.path}: is already in stage 'mesh', so it cannot be added to stage 'strict': add it to one of them`,
    );
  });

  test('has a folder and a sync wave for each stage, with room between the waves', () => {
    expect(InstallationStage.ALL.map(({ folder, syncWave }) => [folder, syncWave])).toEqual([
      ['0-adopted', -40],
      ['1-foundation', -30],
      ['2-control-plane', -20],
      ['3-webhooks', -10],
      ['4-mesh', 0],
      ['5-restart', 10],
      ['6-strict', 20],
    ]);
  });

  test('puts nothing before what it waits for', () => {
    const chart = orderedChart();
    fakeModule(chart, { ingressGateways: [{ name: 'public' }] });
    const shop = new MeshNamespace(chart, 'shop', { name: 'shop' });
    new StrictPeerAuthentication(chart, 'db', { namespace: shop, workload: { app: 'db' } });
    plain(chart, 'apps/v1', 'Deployment', 'shop');
    synthesized(chart);
    const apiObjects = chart.node.findAll().filter((one): one is ApiObject => one instanceof ApiObject);
    const waveOf = (object: ApiObject) => Number((object.toJson() as Manifest).metadata.annotations?.[WAVE]);
    const early = apiObjects.flatMap((object) =>
      object.node.dependencies
        .filter((one): one is ApiObject => one instanceof ApiObject && waveOf(one) > waveOf(object))
        .map((one) => `${object.node.path} waits for ${one.node.path}`),
    );
    expect(early).toEqual([]);
  });
});
