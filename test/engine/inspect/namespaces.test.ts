import {
  deployment,
  IMAGE,
  meshNamespace,
  namespace,
  type ClusterObject,
  type WorkloadOptions,
} from '../cluster-builder';
import { transitionPolicy } from '../../../lib/engine/istio/mutual-tls/transition-policy';
import { findingsOf, inspectionOf, policy, revisionWebhooks, STRICT_MESH, tagWebhooks } from './inspection-of';

const shopObject = { kind: 'Namespace', namespace: '', name: 'shop' };
const ENABLE = 'kubectl label namespace shop istio-injection=enabled --overwrite';
const warning = { severity: 'warning', blocks: [] };
const error = { severity: 'error', blocks: ['upgrade'] };

/** Pods without sidecars. */
const bare = (count = 1, options: WorkloadOptions = {}) =>
  deployment('cart', { ...options, proxies: Array<undefined>(count).fill(undefined) });
const outside = (labels = {}, ...objects: readonly ClusterObject[]) => [namespace('shop', labels), ...objects];
const inside = (...objects: readonly ClusterObject[]) => [meshNamespace('shop'), ...objects];

describe('namespaces', () => {
  test('are listed with who injects them and their mutual TLS, but for those that are never injected', async () => {
    const objects = [
      meshNamespace('shop'),
      ...deployment('cart', { proxies: [IMAGE, undefined] }),
      namespace('bank', { 'istio.io/rev': 'prod' }),
      namespace('plain'),
      namespace('kube-system', { 'istio-injection': 'enabled' }),
    ];
    const webhooks = [revisionWebhooks(), revisionWebhooks('1-31'), tagWebhooks('prod', '1-31')];
    const policies = [STRICT_MESH, policy('bank', 'DISABLE')];
    expect((await inspectionOf({ objects, webhooks, policies })).namespaces).toEqual([
      { name: 'bank', injectedBy: '1-31', mutualTls: 'DISABLE', mutualTlsFrom: 'namespace', pods: 0, proxies: 0 },
      { name: 'plain', injectedBy: '', mutualTls: 'STRICT', mutualTlsFrom: 'mesh', pods: 0, proxies: 0 },
      { name: 'shop', injectedBy: 'default', mutualTls: 'STRICT', mutualTlsFrom: 'mesh', pods: 2, proxies: 1 },
    ]);
  });

  test('go by Istio’s default where no policy says anything', async () => {
    const { namespaces } = await inspectionOf({ objects: [namespace('plain')], policies: [] });
    expect(namespaces).toMatchObject([{ mutualTls: 'PERMISSIVE', mutualTlsFrom: 'default' }]);
  });

  test('are chosen by name, and have to be there', async () => {
    const objects = [meshNamespace('shop'), ...bare(1), namespace('bank'), ...bare(1, { namespace: 'bank' })];
    const { namespaces, findings } = await inspectionOf({ objects }, { namespaces: ['bank'] });
    expect(namespaces.map(({ name }) => name)).toEqual(['bank']);
    expect(findings.map(({ object }) => object.name)).toEqual(['bank']);
    await expect(inspectionOf({ objects }, { namespaces: ['bank', 'a', 'b'] })).rejects.toThrow(
      'The cluster has no namespaces a, b; use namespaces that exist.',
    );
  });

  test('have errors listed before warnings, each in a fixed order', async () => {
    const objects = [
      meshNamespace('shop'),
      namespace('b'),
      namespace('a'),
      ...bare(1, { namespace: 'a' }),
      namespace('c', { 'istio.io/rev': 'gone' }),
    ];
    const policies = [STRICT_MESH, policy('shop', 'DISABLE'), policy('b', 'STRICT')];
    const { findings, summary } = await inspectionOf({ objects, policies });
    expect(findings.map(({ severity, code, object }) => `${severity} ${code} ${object.name}`)).toEqual([
      'error UnservedRevision c',
      'error StrictWithoutSidecars b',
      'warning PlainTextNamespace shop',
      'warning OutsideStrictMesh a',
    ]);
    expect(summary).toMatchObject({ errors: 2, warnings: 2 });
  });

  test('are left to the node’s proxy where they are ambient', async () => {
    const objects = outside({ 'istio.io/dataplane-mode': 'ambient', 'istio.io/rev': 'gone' }, ...bare());
    expect((await inspectionOf({ objects, policies: [policy('shop', 'STRICT')] })).findings).toEqual([]);
  });

  test('include the root namespace that the mesh configuration sets', async () => {
    const mesh = 'rootNamespace: mesh-config';
    const sketch = { objects: outside({}, ...bare()), policies: [policy('mesh-config', 'STRICT')] };
    expect(await findingsOf('OutsideStrictMesh', { ...sketch, istiods: [{ mesh }] })).toHaveLength(1);
    expect(await findingsOf('OutsideStrictMesh', { ...sketch, istiods: [{ mesh: '' }] })).toEqual([]);
    const canary = { revision: 'canary', name: 'istiod-canary', mesh: 'rootNamespace: other' };
    expect(await findingsOf('OutsideStrictMesh', { ...sketch, istiods: [canary, { mesh }] })).toHaveLength(1);
    await expect(inspectionOf({ istiods: [{ mesh: 'a: [' }] })).rejects.toThrow(
      'ConfigMap istio-system/istio contains no valid YAML in its key "mesh"; fix it and run again.',
    );
  });
});

describe('a namespace without sidecars', () => {
  const objects = outside({ 'istio-injection': 'disabled' }, ...bare(2));

  test('contradicts a policy of its own that is STRICT', async () => {
    expect(await findingsOf('StrictWithoutSidecars', { objects, policies: [policy('shop', 'STRICT')] })).toEqual([
      {
        ...error,
        code: 'StrictWithoutSidecars',
        object: shopObject,
        message:
          'PeerAuthentication shop/default makes mutual TLS STRICT in namespace shop, but nothing injects sidecars there, so 2 pods accept plain text anyway',
        remedy: ENABLE,
      },
    ]);
  });

  test('contradicts it before it has any pods', async () => {
    const found = await findingsOf('StrictWithoutSidecars', {
      objects: outside(),
      policies: [policy('shop', 'STRICT')],
    });
    expect(found).toMatchObject([
      {
        message:
          'PeerAuthentication shop/default makes mutual TLS STRICT in namespace shop, but nothing injects sidecars there, so pods created there will accept plain text anyway',
      },
    ]);
  });

  test('contradicts a policy for some of its pods that is STRICT', async () => {
    const cart = outside({}, ...bare(1, { template: { labels: { app: 'cart' } } }));
    const policies = [policy('shop', 'STRICT', { name: 'cart', selector: { app: 'cart' } })];
    expect(await findingsOf('StrictWithoutSidecars', { objects: cart, policies })).toMatchObject([
      {
        message: expect.stringMatching(
          /^PeerAuthentication shop\/cart makes .* so 1 pod accepts plain text anyway$/,
        ) as string,
      },
    ]);
  });

  test('is reported as outside of a mesh that is STRICT', async () => {
    expect(await findingsOf('OutsideStrictMesh', { objects })).toEqual([
      {
        ...warning,
        code: 'OutsideStrictMesh',
        object: shopObject,
        message:
          'The mesh is STRICT, also in namespace shop, but nothing injects sidecars there, so 2 pods accept plain text anyway',
        remedy: ENABLE,
      },
    ]);
  });

  test('is given the revision as its label where no webhook serves the plain one', async () => {
    const webhooks = [revisionWebhooks('1-31', false)];
    expect(await findingsOf('OutsideStrictMesh', { objects, webhooks })).toMatchObject([
      { remedy: 'kubectl label namespace shop istio-injection- istio.io/rev=1-31 --overwrite' },
    ]);
  });

  test.each([
    ['a policy of its own exempts it', objects, [STRICT_MESH, policy('shop', 'PERMISSIVE')]],
    [
      'a policy exempts its pods',
      outside({}, ...bare(1, { template: { labels: { app: 'cart' } } })),
      [STRICT_MESH, policy('shop', 'DISABLE', { name: 'cart', selector: { app: 'cart' } })],
    ],
    ['its pods have asked for sidecars themselves', outside({}, ...deployment('cart')), [policy('shop', 'STRICT')]],
    [
      'its pods are on the network of their node',
      outside({}, ...bare(1, { template: { spec: { hostNetwork: true } } })),
      [STRICT_MESH],
    ],
    ['it has no pods, and no policy of its own', outside(), [STRICT_MESH]],
    ['it is Istio’s own', [namespace('istio-system'), ...bare(1, { namespace: 'istio-system' })], [STRICT_MESH]],
    ['it is one of Kubernetes', [namespace('kube-system'), ...bare(1, { namespace: 'kube-system' })], [STRICT_MESH]],
  ])('is fine where %s', async (_, all, policies) => {
    expect((await inspectionOf({ objects: all, policies })).findings).toEqual([]);
  });
});

describe('a namespace with sidecars', () => {
  const patch = (name: string) =>
    `kubectl -n ${name} patch peerauthentication/default --type=merge -p '{"spec":{"mtls":{"mode":"STRICT"}}}'`;

  test.each([
    ['PERMISSIVE', 'they also accept plain text'],
    ['DISABLE', 'they accept only plain text'],
  ])('contradicts a policy of its own that is %s', async (mode, meaning) => {
    const policies = [STRICT_MESH, policy('shop', mode)];
    expect(await findingsOf('PlainTextNamespace', { objects: inside(), policies })).toEqual([
      {
        ...warning,
        code: 'PlainTextNamespace',
        object: shopObject,
        message: `Namespace shop gets sidecars, but PeerAuthentication shop/default makes mutual TLS ${mode} there, so ${meaning}`,
        remedy: patch('shop'),
      },
    ]);
  });

  test('accepts plain text until its restart is complete, without a further finding about that policy', async () => {
    const { metadata, spec } = transitionPolicy('shop');
    const policies = [STRICT_MESH, { metadata: { ...metadata, uid: 'uid-transition' }, spec }];
    for (const purpose of ['upgrade', 'uninstall'] as const) {
      expect((await inspectionOf({ objects: inside(), policies }, { purpose })).findings).toEqual([
        {
          ...warning,
          code: 'OpenTransition',
          object: shopObject,
          message:
            'PeerAuthentication shop/istio-module-transition makes namespace shop accept plain text until a restart has brought all of its workloads into the mesh or out of it, which has not happened yet',
          remedy: 'istio-module restart -n shop',
        },
      ]);
    }
  });

  test('is reported where the mesh has no policy', async () => {
    const objects = [meshNamespace('shop'), meshNamespace('bank'), meshNamespace('web')];
    expect(await findingsOf('PlainTextMesh', { objects, policies: [policy('web', 'STRICT')] })).toEqual([
      {
        ...warning,
        code: 'PlainTextMesh',
        object: { kind: 'PeerAuthentication', namespace: 'istio-system', name: 'default' },
        message:
          'No PeerAuthentication in the root namespace istio-system makes the mesh STRICT, so sidecars also accept plain text in 2 namespaces with sidecars: bank, shop',
        remedy: `echo '{"apiVersion":"security.istio.io/v1","kind":"PeerAuthentication","metadata":{"name":"default","namespace":"istio-system"},"spec":{"mtls":{"mode":"STRICT"}}}' | kubectl apply -f -`,
      },
    ]);
  });

  test('is reported where the policy of the mesh is not STRICT', async () => {
    const policies = [policy('istio-system', 'DISABLE')];
    expect(await findingsOf('PlainTextMesh', { objects: inside(), policies })).toMatchObject([
      {
        message:
          'PeerAuthentication istio-system/default sets mutual TLS to DISABLE for the whole mesh, including 1 namespace with sidecars: shop',
        remedy: patch('istio-system'),
      },
    ]);
    expect(await findingsOf('PlainTextNamespace', { objects: inside(), policies })).toEqual([]);
  });

  test('may have workloads that keep the sidecar away, though they are STRICT', async () => {
    const label = { 'sidecar.istio.io/inject': 'false' };
    expect(
      await findingsOf('OptedOutOfStrict', { objects: inside(...bare(2, { template: { labels: label } })) }),
    ).toEqual([
      {
        ...warning,
        code: 'OptedOutOfStrict',
        object: { kind: 'Deployment', namespace: 'shop', name: 'cart' },
        message:
          "Deployment shop/cart opts out of the sidecar with sidecar.istio.io/inject: 'false', although mutual TLS is STRICT for it, so 2 pods accept plain text",
        remedy: `kubectl -n shop patch deployment/cart --type=merge -p '{"spec":{"template":{"metadata":{"labels":{"sidecar.istio.io/inject":null}}}}}'`,
      },
    ]);
    const annotated = inside(...bare(1, { template: { annotations: label } }));
    expect(await findingsOf('OptedOutOfStrict', { objects: annotated })).toMatchObject([
      {
        remedy: `kubectl -n shop patch deployment/cart --type=merge -p '{"spec":{"template":{"metadata":{"annotations":{"sidecar.istio.io/inject":null}}}}}'`,
      },
    ]);
  });

  test('goes by the label of pods where an annotation says otherwise', async () => {
    const template = {
      labels: { 'sidecar.istio.io/inject': 'true' },
      annotations: { 'sidecar.istio.io/inject': 'false' },
    };
    const { findings } = await inspectionOf({ objects: inside(...bare(1, { template })) });
    expect(findings.map(({ code }) => code)).toEqual(['SidecarsMissing']);
  });

  test('may have pods that are still without a sidecar, though it is STRICT', async () => {
    const objects = inside(
      ...deployment('cart', { proxies: [undefined, undefined, IMAGE] }),
      ...deployment('web', { proxies: [undefined] }),
    );
    expect(await findingsOf('SidecarsMissing', { objects })).toEqual([
      {
        ...warning,
        code: 'SidecarsMissing',
        object: shopObject,
        message: '3 pods of 2 workloads in namespace shop have no sidecar yet, although mutual TLS is STRICT there',
        remedy: 'istio-module restart -n shop',
      },
    ]);
    expect(await findingsOf('SidecarsMissing', { objects: inside(...bare()) })).toMatchObject([
      { message: '1 pod of 1 workload in namespace shop has no sidecar yet, although mutual TLS is STRICT there' },
    ]);
  });

  const optedOut = bare(1, { template: { labels: { app: 'cart', 'sidecar.istio.io/inject': 'false' } } });
  test.each([
    ['every pod has its sidecar', inside(...deployment('cart', { proxies: [IMAGE] })), [STRICT_MESH]],
    [
      'a policy exempts those that keep it away',
      inside(...optedOut),
      [STRICT_MESH, policy('shop', 'PERMISSIVE', { name: 'cart', selector: { app: 'cart' } })],
    ],
    [
      'those that keep it away are Istio’s own',
      inside(
        ...bare(1, {
          template: { labels: { 'app.kubernetes.io/part-of': 'istio', 'sidecar.istio.io/inject': 'false' } },
        }),
      ),
      [STRICT_MESH],
    ],
    [
      'the mesh is PERMISSIVE, but only Istio’s own namespace is injected, without any gateway',
      [meshNamespace('istio-system')],
      [],
    ],
    [
      'pods are on the network of their node',
      inside(...bare(1, { template: { spec: { hostNetwork: true } } })),
      [STRICT_MESH],
    ],
  ])('is fine where %s', async (_, objects, policies) => {
    expect((await inspectionOf({ objects, policies })).findings).toEqual([]);
  });
});
