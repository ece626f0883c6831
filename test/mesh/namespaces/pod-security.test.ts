import {
  ExistingIstio,
  MeshNamespace,
  PodSecurityLevel,
  SidecarInjection,
  type IstioModuleProps,
  type PodSecurity,
} from 'istio-module';
import { emptyChart, fakeModule, synthesized } from '../synthesis';

describe('MeshNamespace.podSecurity', () => {
  test('labels the Namespace', () => {
    const chart = emptyChart();
    new MeshNamespace(chart, 'shop', {
      name: 'shop',
      podSecurity: {
        enforce: PodSecurityLevel.BASELINE,
        enforceVersion: 'v1.34',
        audit: PodSecurityLevel.RESTRICTED,
        warn: PodSecurityLevel.RESTRICTED,
        warnVersion: 'latest',
      },
    });
    expect(synthesized(chart)[0]?.metadata.labels).toEqual({
      'istio-injection': 'enabled',
      'pod-security.kubernetes.io/enforce': 'baseline',
      'pod-security.kubernetes.io/enforce-version': 'v1.34',
      'pod-security.kubernetes.io/audit': 'restricted',
      'pod-security.kubernetes.io/warn': 'restricted',
      'pod-security.kubernetes.io/warn-version': 'latest',
    });
  });

  test.each([PodSecurityLevel.BASELINE, PodSecurityLevel.RESTRICTED])(
    'refuses to enforce %s where sidecars come with an init container',
    (enforce) => {
      const chart = emptyChart();
      new MeshNamespace(chart, 'shop', { name: 'shop', podSecurity: { enforce } });
      fakeModule(chart, { cni: false });
      expect(() => synthesized(chart)).toThrow(
        `[mesh/shop] podSecurity.enforce '${enforce}' rejects every pod with a sidecar, because without the CNI node agent it has an init container with NET_ADMIN and NET_RAW: use the node agent (prop cni of IstioModule mesh/istio), or write PodSecurityLevel.PRIVILEGED`,
      );
    },
  );

  test('names the installation that the node agent belongs to, which a module beside it shares', () => {
    const chart = emptyChart();
    new MeshNamespace(chart, 'shop', { name: 'shop', podSecurity: { enforce: PodSecurityLevel.BASELINE } });
    const stable = new ExistingIstio(chart, 'stable', { cni: false });
    fakeModule(chart, { revision: 'canary', beside: stable });
    expect(() => synthesized(chart)).toThrow(
      'use the node agent (prop cni of ExistingIstio mesh/stable), or write PodSecurityLevel.PRIVILEGED',
    );
  });

  test.each<[string, Partial<IstioModuleProps>, PodSecurity, SidecarInjection]>([
    ['with the CNI node agent', {}, { enforce: PodSecurityLevel.RESTRICTED }, SidecarInjection.ENABLED],
    ['PRIVILEGED', { cni: false }, { enforce: PodSecurityLevel.PRIVILEGED }, SidecarInjection.ENABLED],
    ['what only warns', { cni: false }, { warn: PodSecurityLevel.RESTRICTED }, SidecarInjection.ENABLED],
    ['without sidecars', { cni: false }, { enforce: PodSecurityLevel.RESTRICTED }, SidecarInjection.DISABLED],
  ])('admits %s', (_, module, podSecurity, injection) => {
    const chart = emptyChart();
    fakeModule(chart, module);
    new MeshNamespace(chart, 'shop', { name: 'shop', injection, podSecurity });
    expect(() => synthesized(chart)).not.toThrow();
  });

  test.each<[string, object, string]>([
    ['nothing', {}, 'podSecurity {} is empty: set enforce, audit or warn, or leave it out'],
    [
      'an invalid level',
      { enforce: 'strict' },
      "podSecurity.enforce 'strict' is not a level: write a PodSecurityLevel, one of privileged, baseline, restricted",
    ],
    [
      'an invalid version',
      { audit: PodSecurityLevel.BASELINE, auditVersion: 'v1.034' },
      "podSecurity.auditVersion 'v1.034' is not a version: write 'latest', or one such as 'v1.34'",
    ],
    [
      'a version of no level',
      { warnVersion: 'v1.34' },
      "podSecurity.warnVersion 'v1.34' has no level: set podSecurity.warn as well",
    ],
  ])('refuses %s', (_, podSecurity, problem) => {
    expect(() => new MeshNamespace(emptyChart(), 'shop', { name: 'shop', podSecurity })).toThrow(
      new Error(`MeshNamespace mesh/shop: ${problem}`),
    );
  });
});
