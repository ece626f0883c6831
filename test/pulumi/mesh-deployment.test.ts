import { ApiObject } from 'cdk8s';
import {
  AuthorizationAction,
  AuthorizationPolicy,
  ExistingIstio,
  IstioModule,
  MeshNamespace,
  MutualTls,
  NamespaceOwnership,
  Requests,
  StrictPeerAuthentication,
} from 'istio-module';
import { MeshDeployment } from '../../lib/pulumi/mesh-deployment';
import { emptyChart, FAKE_HELM, fakeModule } from '../mesh/synthesis';
import { registered } from './registered';

describe('MeshDeployment', () => {
  test('requires an Istio in its chart', () => {
    const chart = emptyChart();
    expect(() => new MeshDeployment('mesh', { chart })).toThrow(
      'Chart "mesh" has neither an IstioModule nor an ExistingIstio; a MeshDeployment takes a chart with one of them.',
    );
  });

  test('takes several control planes, whose release is the one that lags behind', async () => {
    const chart = emptyChart();
    const stable = fakeModule(chart, { version: '1.31.9', base: { version: '1.32.0' } });
    new IstioModule(chart, 'canary', {
      ...{ version: '1.32.0', revision: 'canary', beside: stable },
      helmExecutable: FAKE_HELM,
    });
    const resources = await registered(chart);
    expect(resources.find(({ name }) => name === 'mesh-release')?.inputs.version).toBe('1.31.9');
    expect(resources.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['mesh/Deployment/istio-system/istiod', 'mesh/Deployment/istio-system/istiod-canary']),
    );
    expect(resources.find(({ name }) => name === 'mesh-guard')?.inputs.force).toBe(false);
  });

  test('releases and uninstalls nothing where it only configures an Istio of others', async () => {
    const chart = emptyChart();
    new ExistingIstio(chart, 'istio', { mutualTls: MutualTls.STRICT });
    const resources = await registered(chart);
    const names = resources.map(({ name }) => name).filter((name) => name.startsWith('mesh'));
    expect(names.sort()).toEqual([
      'mesh',
      'mesh-guard',
      'mesh-kubernetes',
      'mesh-readiness',
      'mesh-restart',
      'mesh/PeerAuthentication/istio-system/default',
    ]);
    expect(resources.find(({ name }) => name === 'mesh-guard')?.inputs.force).toBe(true);
  });

  test('applies policies before the restart, STRICT mutual TLS after it, and the guard of the uninstall last', async () => {
    const chart = emptyChart();
    new AuthorizationPolicy(chart, 'policy', { namespace: 'legacy', rules: Requests.NONE });
    new MeshNamespace(chart, 'legacy', { name: 'legacy', ownership: NamespaceOwnership.ADOPT });
    fakeModule(chart);
    const names = (await registered(chart)).map(({ name }) => name);
    const at = (name: string) => {
      expect(names).toContain(name);
      return names.indexOf(name);
    };
    expect(at('mesh-release')).toBeLessThan(at('mesh/Namespace/istio-system'));
    expect(at('mesh/Deployment/istio-system/istiod')).toBeLessThan(at('mesh-readiness'));
    expect(at('mesh/MutatingWebhookConfiguration/istio-sidecar-injector')).toBeLessThan(at('mesh-readiness'));
    expect(at('mesh-readiness')).toBeLessThan(at('mesh/AuthorizationPolicy/legacy/policy'));
    expect(at('mesh/AuthorizationPolicy/legacy/policy')).toBeLessThan(at('mesh-removal'));
    expect(at('mesh-removal')).toBeLessThan(at('mesh-restart'));
    expect(at('mesh-restart')).toBeLessThan(at('mesh/PeerAuthentication/istio-system/default'));
    expect(at('mesh-guard')).toBe(names.length - 1);
  });

  test('waits for its own control planes', async () => {
    const chart = emptyChart();
    fakeModule(chart);
    const readiness = (await registered(chart)).find(({ name }) => name === 'mesh-readiness');
    expect(readiness?.inputs).toMatchObject({ injectors: ['istio-sidecar-injector'] });
  });

  test('applies policies that decide by identity after the restart, together with others that allow requests', async () => {
    const chart = emptyChart();
    const from = [{ serviceAccounts: ['shop/web'] as const }];
    new AuthorizationPolicy(chart, 'nothing', { rules: Requests.NONE });
    new AuthorizationPolicy(chart, 'cart', { namespace: 'shop', workload: { app: 'cart' }, rules: [{ from }] });
    new AuthorizationPolicy(chart, 'no-admin', {
      namespace: 'shop',
      action: AuthorizationAction.DENY,
      rules: [{ to: [{ paths: ['/admin*'] }] }],
    });
    fakeModule(chart, { mutualTls: MutualTls.PERMISSIVE });
    const resources = await registered(chart);
    const names = resources.map(({ name }) => name);
    const at = (name: string) => {
      expect(names).toContain(name);
      return names.indexOf(name);
    };
    expect(at('mesh/AuthorizationPolicy/shop/no-admin')).toBeLessThan(at('mesh-removal'));
    expect(at('mesh-restart')).toBeLessThan(at('mesh/AuthorizationPolicy/shop/cart'));
    expect(at('mesh-restart')).toBeLessThan(at('mesh/AuthorizationPolicy/istio-system/nothing'));
    expect(resources.find(({ name }) => name === 'mesh-restart')?.inputs.strictFollows).toBe(false);
    expect(resources.find(({ name }) => name === 'mesh-guard')?.inputs.owned).toEqual(
      expect.arrayContaining(['cart', 'no-admin'].map((name) => `AuthorizationPolicy/shop/${name}`)),
    );
  });

  test('starts no run for a changed AuthorizationPolicy, because a failed rollout would delay the policy', async () => {
    const fingerprintWith = async (serviceAccount: `shop/${string}`, isStrict = false) => {
      const chart = emptyChart();
      const from = [{ serviceAccounts: [serviceAccount] }];
      new ExistingIstio(chart, 'istio');
      new AuthorizationPolicy(chart, 'cart', { namespace: 'shop', workload: { app: 'cart' }, rules: [{ from }] });
      if (isStrict) new StrictPeerAuthentication(chart, 'strict', { namespace: 'shop' });
      return (await registered(chart)).find(({ name }) => name === 'mesh-restart')?.inputs.fingerprint;
    };
    const known = await fingerprintWith('shop/web');
    expect(known).toEqual(expect.any(String));
    expect(await fingerprintWith('shop/mobile')).toBe(known);
    expect(await fingerprintWith('shop/web', true)).not.toBe(known);
  });

  test('removes sidecars by its own injectors, and leaves alone the gateways that it deletes anyway', async () => {
    const chart = emptyChart();
    fakeModule(chart, { ingressGateways: [{ name: 'edge' }] });
    const removal = (await registered(chart)).find(({ name }) => name === 'mesh-removal');
    expect(removal?.inputs).toMatchObject({
      injectors: ['istio-sidecar-injector'],
      except: expect.arrayContaining([{ kind: 'Deployment', namespace: 'istio-system', name: 'istiod' }]) as unknown,
    });
  });

  test.each([
    [MutualTls.STRICT, true],
    [MutualTls.PERMISSIVE, false],
  ])('says whether mutual TLS becomes STRICT after the restart: %s', async (mutualTls, strictFollows) => {
    const chart = emptyChart();
    fakeModule(chart, { mutualTls });
    const restart = (await registered(chart)).find(({ name }) => name === 'mesh-restart');
    expect(restart?.inputs.strictFollows).toBe(strictFollows);
  });

  test('patches an adopted namespace instead of owning it, and shares webhook configurations', async () => {
    const chart = emptyChart();
    new MeshNamespace(chart, 'shop', { name: 'shop', ownership: NamespaceOwnership.ADOPT });
    new MeshNamespace(chart, 'own', { name: 'own' });
    new ApiObject(chart, 'plain', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'plain', namespace: 'own' },
    });
    fakeModule(chart);
    const resources = await registered(chart);
    const typeOf = (wanted: string) => resources.find(({ name }) => name === wanted)?.type;
    expect(typeOf('mesh/Namespace/shop')).toBe('kubernetes:core/v1:NamespacePatch');
    expect(typeOf('mesh/Namespace/own')).toBe('kubernetes:core/v1:Namespace');
    const shared = resources.filter(({ name }) => name.includes('WebhookConfiguration/'));
    expect(shared.map(({ type, name }) => [type, name]).sort()).toEqual([
      ['pulumi-nodejs:dynamic:Resource', 'mesh/MutatingWebhookConfiguration/istio-sidecar-injector'],
      ['pulumi-nodejs:dynamic:Resource', 'mesh/ValidatingWebhookConfiguration/istiod-default-validator'],
    ]);
  });
});
