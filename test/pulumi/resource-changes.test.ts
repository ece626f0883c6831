import { ControlPlaneReadiness } from '../../lib/pulumi/control-plane-readiness';
import { IstioRelease } from '../../lib/pulumi/istio-release';
import { UninstallGuard } from '../../lib/pulumi/uninstall-guard';
import * as Recorded from './recorded-providers';

interface Provider {
  readonly check: (olds: object, news: object) => Promise<{ readonly failures?: readonly object[] }>;
  readonly diff: (id: string, olds: object, news: object) => Promise<{ readonly changes: boolean }>;
}

jest.mock('@pulumi/pulumi', () => jest.requireActual<typeof Recorded>('./recorded-providers').recordingSdk);

const providerOf = (resource: unknown) => Recorded.providerOf<Provider>(resource);

describe('UninstallGuard', () => {
  const guard = providerOf(new UninstallGuard('guard', {}));
  const state = { owned: ['Telemetry/shop/one'], force: false, kubeconfig: 'old', providerId: 'east' };

  test('is replaced if the stack moves to another cluster, so that it protects the resources in the old one', async () => {
    expect(await guard.diff('guard', state, { ...state, kubeconfig: 'new', providerId: 'west' })).toEqual({
      changes: true,
      replaces: ['providerId'],
    });
  });

  test('is updated if its cluster stays the same', async () => {
    expect(await guard.diff('guard', state, { ...state, kubeconfig: 'renewed' })).toEqual({
      changes: true,
      replaces: [],
    });
    expect(await guard.diff('guard', state, { ...state })).toEqual({ changes: false, replaces: [] });
  });
});

describe('IstioRelease', () => {
  const release = providerOf(new IstioRelease('release', { version: '1.31.1' }));
  const state = { version: '1.28.0', providerId: 'east' };

  test('refuses to skip a minor version in the same cluster', async () => {
    const { failures } = await release.check(state, { ...state, version: '1.31.1' });
    expect(failures).toMatchObject([{ reason: expect.stringContaining('upgrade to 1.29 first') as string }]);
  });

  test.each(['1.31.1', '1.20.0'])('accepts any version in another cluster: %s', async (version) => {
    expect((await release.check(state, { version, providerId: 'west' })).failures).toBeUndefined();
    // In a preview, the id of the new provider is unknown.
    expect((await release.check(state, { version })).failures).toBeUndefined();
  });

  test('refuses an invalid version in any cluster', async () => {
    const { failures } = await release.check(state, { version: 'latest', providerId: 'west' });
    expect(failures).toMatchObject([
      { reason: expect.stringContaining('"latest" is not a version of Istio') as string },
    ]);
  });
});

describe('ControlPlaneReadiness', () => {
  const readiness = providerOf(new ControlPlaneReadiness('readiness', { fingerprint: '1' }));
  const state = { fingerprint: '1', injector: {}, providerId: 'east' };

  test('does not change when the package adds the names of injectors to its inputs', async () => {
    expect(await readiness.diff('ready', state, { ...state, injectors: ['istio-sidecar-injector'] })).toEqual({
      changes: false,
      replaces: [],
    });
  });

  test('changes with the objects of the control plane', async () => {
    expect(await readiness.diff('ready', state, { ...state, fingerprint: '2' })).toMatchObject({ changes: true });
  });
});
