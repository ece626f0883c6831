import { releaseName } from '../../../lib/mesh/installation/release-name';
import { emptyChart, fakeModule, synthesized, title, valuesOf } from '../synthesis';

describe('a name that is too long for a Helm release', () => {
  test('is the name of the objects nevertheless', () => {
    const chart = emptyChart();
    const revision = 'r'.repeat(56);
    const name = 'g'.repeat(63);
    fakeModule(chart, { revision, ingressGateways: [{ name }] });
    const manifests = synthesized(chart);
    expect(manifests.map(title)).toEqual(
      expect.arrayContaining([`Deployment/istio-system/istiod-${revision}`, `Service/istio-system/${name}`]),
    );
    expect(valuesOf(manifests, releaseName(name)).name).toBe(name);
  });

  test.each(['istiod', 'a'.repeat(53)])('is used unchanged where it is not too long: %s', (name) => {
    expect(releaseName(name)).toBe(name);
  });

  test('is cut to the length that Helm accepts, and stays unique', () => {
    const names = [`${'a'.repeat(60)}b`, `${'a'.repeat(60)}c`].map(releaseName);
    expect(new Set(names).size).toBe(2);
    for (const name of names) expect(name).toMatch(/^[a-z0-9]([-a-z0-9]{0,51}[a-z0-9])?$/);
  });
});

test.each([
  ['tracing', 'tracing', "'stackdriver'"],
  ['accessLogging', 'access logs', "'stackdriver', 'envoy'"],
] as const)('a default provider for %s that is not defined is refused', (field, use, known) => {
  const providers = (extensionProviders: { name: string; [key: string]: unknown }[]) =>
    fakeModule(emptyChart(), { meshConfig: { defaultProviders: { [field]: ['own'] }, extensionProviders } });
  expect(() => providers([])).toThrow(
    `IstioModule mesh/istio: meshConfig.defaultProviders.${field} provider 'own' is not defined for ${use} in this module (it knows ${known}): add it to the module's telemetryProviders, or write another`,
  );
  const settings = { zipkin: { service: 'zipkin.istio-system.svc.cluster.local', port: 9411 } };
  const logs = { envoyFileAccessLog: { path: '/dev/stdout' } };
  expect(() => providers([{ name: 'own', ...(field === 'tracing' ? settings : logs) }])).not.toThrow();
});
