import { deployment, meshNamespace, pod, type ClusterObject } from '../cluster-builder';
import { findingsOf, inspectionOf, revisionWebhooks, type MeshSketch } from './inspection-of';

const SHOP = meshNamespace('shop');
const proxy = (tag: string) => `registry.example/proxyv2:${tag}`;

/** A mesh with one Deployment, whose proxies have images with these tags. */
const mesh = (tags: readonly string[], annotations = {}): MeshSketch => ({
  objects: [SHOP, ...deployment('cart', { proxies: tags.map(proxy), template: { annotations } })],
});

/** The objects as a control plane of another revision has injected them. */
const ofRevision = (revision: string, objects: readonly ClusterObject[]) =>
  objects.map((object) => ({
    ...object,
    metadata: {
      ...object.metadata,
      annotations: { ...object.metadata.annotations, ...(object.kind === 'Pod' ? { 'istio.io/rev': revision } : {}) },
    },
  }));

const finding = {
  severity: 'error',
  blocks: ['upgrade'],
  object: { kind: 'Deployment', namespace: 'shop', name: 'cart' },
  remedy: 'kubectl -n shop rollout restart deployment/cart',
};

describe('proxies', () => {
  test('are counted by revision and version', async () => {
    const objects = [
      SHOP,
      ...deployment('cart', { proxies: [proxy('1.30.2'), proxy('1.31.1-distroless'), undefined] }),
      ...deployment('web', { proxies: [proxy('1.30.2')] }),
      ...ofRevision('canary', deployment('canary', { proxies: [proxy('1.32.0')] })),
    ];
    const istiods = [{}, { revision: 'canary', name: 'istiod-canary', tag: '1.32.0' }];
    const { proxies, summary } = await inspectionOf({ objects, istiods });
    const named = (name: string, pods: number) => ({ kind: 'Deployment', namespace: 'shop', name, pods });
    expect(proxies).toEqual([
      {
        revision: 'canary',
        version: '1.32.0',
        skew: 'none',
        pods: 1,
        customImages: 0,
        workloads: [named('canary', 1)],
      },
      {
        ...{ revision: 'default', version: '1.30.2', skew: 'behind', pods: 2, customImages: 0 },
        workloads: [named('cart', 1), named('web', 1)],
      },
      { revision: 'default', version: '1.31.1', skew: 'none', pods: 1, customImages: 0, workloads: [named('cart', 1)] },
    ]);
    expect(summary).toMatchObject({ proxies: 4, errors: 0 });
  });

  test('that do not name their revision are of the only revision', async () => {
    const objects = ofRevision('', deployment('cart', { proxies: [proxy('1.31.1')] })).map((object) => ({
      ...object,
      metadata: {
        ...object.metadata,
        annotations: { ...object.metadata.annotations, 'sidecar.istio.io/status': '{}' },
      },
    }));
    const { proxies } = await inspectionOf({ objects: [SHOP, ...objects] });
    expect(proxies.map(({ revision, skew }) => ({ revision, skew }))).toEqual([{ revision: 'default', skew: 'none' }]);
  });

  test('one minor version behind are supported', async () => {
    expect((await inspectionOf(mesh(['1.30.0']), { purpose: 'upgrade' })).findings).toEqual([]);
  });

  test('further behind are not', async () => {
    expect(await findingsOf('ProxyTooOld', mesh(['1.29.4', '1.29.4']))).toEqual([
      {
        ...finding,
        code: 'ProxyTooOld',
        message:
          "2 proxies of Deployment shop/cart have version 1.29.4, more than one minor version behind the control plane's 1.31.1, which is not supported",
      },
    ]);
  });

  test('with an image of their own choice are not helped by a restart alone', async () => {
    const annotations = { 'sidecar.istio.io/proxyImage': proxy('1.29.4') };
    const { proxies, findings } = await inspectionOf(mesh(['1.31.1'], annotations));
    expect(proxies).toMatchObject([{ version: '1.29.4', customImages: 1 }]);
    expect(findings).toMatchObject([
      {
        code: 'ProxyTooOld',
        message:
          "1 proxy of Deployment shop/cart has version 1.29.4, more than one minor version behind the control plane's 1.31.1, which is not supported",
        remedy: 'change or remove its annotation sidecar.istio.io/proxyImage, and restart it',
      },
    ]);
  });

  test('whose pod template sets their image are not helped by a restart, nor by kube-inject', async () => {
    const containers = [
      { name: 'app', image: 'app' },
      { name: 'istio-proxy', image: proxy('1.29.4') },
    ];
    const objects = [SHOP, ...deployment('cart', { proxies: [proxy('1.29.4')], template: { spec: { containers } } })];
    expect(await findingsOf('ProxyTooOld', { objects })).toMatchObject([
      { remedy: 'set the image of istio-proxy in its pod template to auto, or to a supported version' },
    ]);
  });

  test('ahead of their control plane are not supported', async () => {
    expect(await findingsOf('ProxyAhead', mesh(['1.32.0']))).toEqual([
      {
        ...finding,
        code: 'ProxyAhead',
        message:
          "1 proxy of Deployment shop/cart has version 1.32.0, ahead of the control plane's 1.31.1, which is not supported",
      },
    ]);
  });

  test('that would be too far behind after the upgrade are in its way', async () => {
    expect(await findingsOf('ProxyTooOldForTarget', mesh(['1.30.2']), { target: '1.32.0' })).toEqual([
      {
        ...finding,
        code: 'ProxyTooOldForTarget',
        message:
          '1 proxy of Deployment shop/cart has version 1.30.2, which would be more than one minor version behind 1.32.0',
      },
    ]);
    expect(await findingsOf('ProxyTooOldForTarget', mesh(['1.30.2']), { target: '1.31.2' })).toEqual([]);
    const refused = await inspectionOf(mesh(['1.30.2']), { target: '1.33.0' });
    expect(refused.findings.map(({ code }) => code)).toEqual(['UpgradeRefused']);
  });

  test('of an unknown version are warned about', async () => {
    const message =
      'The image tag of 2 proxies of Deployment shop/cart contains no Istio version, so it is unknown whether the control plane supports them';
    const sketch = mesh(['latest', 'latest']);
    expect(await findingsOf('UnknownProxyVersion', sketch)).toEqual([
      { ...finding, code: 'UnknownProxyVersion', severity: 'warning', blocks: [], message, remedy: '' },
    ]);
    expect((await inspectionOf(sketch)).proxies).toMatchObject([{ version: '', skew: 'unknown' }]);
  });

  test('whose versions are numbered in another way than Istio’s are not judged', async () => {
    const { proxies, findings } = await inspectionOf(mesh(['4.2.0']));
    expect([proxies[0]?.skew, findings]).toEqual(['unknown', []]);
  });

  test('of a revision without a control plane are in the way', async () => {
    const objects = [SHOP, ...ofRevision('1-29', deployment('cart', { proxies: [proxy('1.29.4')] }))];
    expect(await findingsOf('OrphanedProxy', { objects })).toEqual([
      {
        ...finding,
        code: 'OrphanedProxy',
        message: '1 proxy of Deployment shop/cart belongs to revision 1-29, which has no control plane',
      },
    ]);
  });

  test('are not judged where the control plane runs elsewhere', async () => {
    const { proxies, findings } = await inspectionOf({
      ...mesh(['1.29.4']),
      istiods: [],
      webhooks: [revisionWebhooks()],
    });
    expect([proxies[0]?.skew, findings]).toEqual(['unknown', []]);
  });

  test('have no command where nothing restarts their pods', async () => {
    const objects = [SHOP, pod('debug', { proxy: proxy('1.29.4') })];
    expect(await findingsOf('ProxyTooOld', { objects })).toMatchObject([
      { object: { kind: 'Pod', namespace: 'shop', name: 'debug' }, remedy: '' },
    ]);
  });
});
