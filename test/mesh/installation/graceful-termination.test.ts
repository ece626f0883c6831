import { App, Chart, Duration } from 'cdk8s';
import { IstioModule, SidecarSettings, type IstioModuleProps } from 'istio-module';
import { emptyChart, FAKE_HELM, fakeModule, synthesized, valuesOf } from '../synthesis';
import { warningsOf } from '../warnings-of';

interface IstiodValues {
  readonly sidecarInjectorWebhook: {
    readonly templates?: Readonly<Record<string, string>>;
    readonly defaultTemplates?: readonly string[];
  };
  readonly meshConfig: { readonly defaultConfig: object };
}

const istiodOf = (chart: Chart, release = 'istiod') => valuesOf(synthesized(chart), release) as unknown as IstiodValues;

function istiod(props: Partial<IstioModuleProps> = {}): IstiodValues {
  const chart = emptyChart();
  fakeModule(chart, props);
  return istiodOf(chart);
}

const injection = (values: object): Partial<IstioModuleProps> => ({
  values: { istiod: { sidecarInjectorWebhook: values } },
});

describe('gracefulTermination', () => {
  test('is a template with a sleep of 5 seconds beside that of the sidecar, and proxies drain for 5 seconds more', () => {
    const { sidecarInjectorWebhook, meshConfig } = istiod();
    expect(sidecarInjectorWebhook).toMatchObject({
      defaultTemplates: ['sidecar', 'graceful-termination'],
      templates: { 'graceful-termination': expect.stringContaining('sleep: { seconds: 5 }') as unknown },
    });
    expect(meshConfig.defaultConfig).toMatchObject({
      proxyMetadata: { EXIT_ON_ZERO_ACTIVE_CONNECTIONS: 'true', MINIMUM_DRAIN_DURATION: '10s' },
    });
  });

  test('is as long as the props say', () => {
    const gracefulTermination = Duration.minutes(1 / 4);
    const { sidecarInjectorWebhook, meshConfig } = istiod({ gracefulTermination });
    expect(sidecarInjectorWebhook.templates?.['graceful-termination']).toContain('sleep: { seconds: 15 }');
    expect(meshConfig.defaultConfig).toMatchObject({ proxyMetadata: { MINIMUM_DRAIN_DURATION: '20s' } });
  });

  test.each<[string, Partial<IstioModuleProps>]>([
    ['where it is off', { gracefulTermination: false }],
    ['by itself where a Kubernetes that Istio supports may not know it', { version: '1.27.9' }],
  ])('adds nothing to Istio’s configuration %s', (_, props) => {
    const { sidecarInjectorWebhook, meshConfig } = istiod(props);
    expect(sidecarInjectorWebhook).toEqual({ enableNamespacesByDefault: false });
    expect(meshConfig.defaultConfig).toEqual({ holdApplicationUntilProxyStarts: true });
  });

  test('is used for an older version on request', () => {
    const { sidecarInjectorWebhook } = istiod({ version: '1.24.0', gracefulTermination: Duration.seconds(5) });
    expect(sidecarInjectorWebhook.defaultTemplates).toEqual(['sidecar', 'graceful-termination']);
    expect(istiod({ version: '1.28.0' }).sidecarInjectorWebhook.defaultTemplates).toHaveLength(2);
  });

  test('comes after templates of the user’s own, and is theirs where they have one of its name', () => {
    expect(
      istiod(injection({ defaultTemplates: ['sidecar', 'own'], templates: { own: 'metadata: {}' } })),
    ).toMatchObject({
      sidecarInjectorWebhook: {
        defaultTemplates: ['sidecar', 'own', 'graceful-termination'],
        templates: { own: 'metadata: {}', 'graceful-termination': expect.stringContaining('sleep') as unknown },
      },
    });
    const defaultTemplates = ['graceful-termination', 'sidecar'];
    expect(istiod(injection({ defaultTemplates, templates: { 'graceful-termination': 'spec: {}' } }))).toMatchObject({
      sidecarInjectorWebhook: { defaultTemplates, templates: { 'graceful-termination': 'spec: {}' } },
    });
  });

  test.each<[string, Partial<IstioModuleProps>]>([
    ['defaultConfig', { defaultConfig: { terminationDrainDuration: '90s' } }],
    ['meshConfig', { meshConfig: { defaultConfig: { terminationDrainDuration: Duration.seconds(90) } } }],
    ['raw values', { values: { istiod: { meshConfig: { defaultConfig: { terminationDrainDuration: '90s' } } } } }],
  ])('lets proxies drain as long as %s say', (_, props) => {
    expect(istiod(props).meshConfig.defaultConfig).toEqual({
      ...{ holdApplicationUntilProxyStarts: true, terminationDrainDuration: '90s' },
    });
  });

  test('is that of the module that another runs beside, unless it has its own', () => {
    const chart = new Chart(new App(), 'mesh');
    const stable = fakeModule(chart, { gracefulTermination: Duration.seconds(7) });
    const canary = (revision: string, props: Partial<IstioModuleProps> = {}) => {
      new IstioModule(chart, revision, {
        ...{ version: '1.31.1', helmExecutable: FAKE_HELM, beside: stable, revision },
        ...props,
      });
    };
    canary('same');
    canary('other', { gracefulTermination: false });
    const templates = (release: string) => istiodOf(chart, release).sidecarInjectorWebhook.templates;
    expect(templates('istiod-same')?.['graceful-termination']).toContain('seconds: 7');
    expect(templates('istiod-other')).toBeUndefined();
  });

  test.each([
    [Duration.millis(1500), '1.5s'],
    [Duration.seconds(0), '0s'],
  ])('is whole seconds: not %s', (gracefulTermination, text) => {
    expect(() => istiod({ gracefulTermination })).toThrow(
      `gracefulTermination ${text} is not a whole number of seconds: write Duration.seconds(1) or more, or false to disable it`,
    );
  });

  test('warns where it would exclude all pods with the usual grace period', () => {
    const warnings = (seconds: number) => {
      const app = new App();
      const chart = new Chart(app, 'mesh');
      fakeModule(chart, { gracefulTermination: Duration.seconds(seconds) });
      return warningsOf(() => app.synthYaml());
    };
    expect(warnings(29)).toEqual([]);
    expect(warnings(30)).toEqual([
      "warning: IstioModule mesh/istio: gracefulTermination 30s excludes every pod with Kubernetes' default grace period of 30s: write less, or set a longer terminationGracePeriodSeconds on pods",
    ]);
  });

  test('excludes pods by an annotation', () => {
    expect(new SidecarSettings({ gracefulTermination: false }).metadata().annotations).toEqual({
      'istio-module/graceful-termination': 'disabled',
    });
  });
});
