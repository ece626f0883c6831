import type { Revision } from '../../../../lib/engine/plan/prediction/injection-state';
import { reachingChanges, sameConfiguration } from '../../../../lib/engine/plan/prediction/reaching-configuration';
import type { SelectedInjector } from '../../../../lib/engine/plan/prediction/selected-injector';

const TEMPLATE =
  'image: {{ .Values.global.hub }}\nenv: {{ env "PILOT_X" }}\nlevel: {{ .Values.global.proxy.logLevel }}';

function injector(fields: Partial<Revision> = {}): SelectedInjector {
  const config = JSON.stringify({ policy: 'enabled', templates: { sidecar: TEMPLATE } });
  const revision: Revision = {
    ...{ name: 'default', namespace: 'istio-system', config, version: '1.31.1', env: {} },
    values: JSON.stringify({ global: { hub: 'docker.io/istio', proxy: { logLevel: 'info' } }, pilot: { cpu: 1 } }),
    mesh: 'defaultConfig: { concurrency: 2 }\naccessLogFile: ""\n',
    ...fields,
  };
  return { revision, policy: {}, cluster: undefined, network: undefined };
}

const changesOf = (fields: Partial<Revision>) =>
  reachingChanges(injector(), injector(fields)).map(({ path, old, new: now }) => `${path} ${old} → ${now}`);

describe('what a change of the configuration reaches pods with', () => {
  test.each([
    [
      'nothing, if it only reaches istiod',
      { values: '{"global":{"hub":"docker.io/istio","proxy":{"logLevel":"info"}}}' },
    ],
    [
      'nothing, if proxies get it while they run',
      { mesh: 'defaultConfig: { concurrency: 2 }\naccessLogFile: /dev/stdout\n' },
    ],
    ['nothing, if no template reads it', { env: { PILOT_Y: '1' } }],
  ])('is %s', (_, fields) => {
    expect(changesOf(fields)).toEqual([]);
  });

  test('is what templates read', () => {
    expect(
      changesOf({ values: '{"global":{"hub":"docker.io/istio","proxy":{"logLevel":"debug"}},"pilot":{"cpu":1}}' }),
    ).toEqual(['values.global.proxy.logLevel info → debug']);
    expect(changesOf({ env: { PILOT_X: '1' } })).toEqual(['env.PILOT_X (none) → 1']);
  });

  test('is what Istio itself reads', () => {
    expect(changesOf({ mesh: 'defaultConfig: { concurrency: 3 }' })).toEqual([
      'meshConfig.defaultConfig.concurrency 2 → 3',
    ]);
  });

  test('is everything of the mesh, if a template prints it whole', () => {
    const config = JSON.stringify({ templates: { sidecar: 'mesh: {{ toJson .MeshConfig }}' } });
    const mesh = 'accessLogFile: /dev/stdout';
    expect(reachingChanges(injector({ config, mesh: '' }), injector({ config, mesh })).map(({ path }) => path)).toEqual(
      ['meshConfig.accessLogFile'],
    );
  });
});

test('configurations are the same however they are written', () => {
  expect(
    sameConfiguration(injector(), injector({ mesh: '{"accessLogFile":"","defaultConfig":{"concurrency":2}}' })),
  ).toBe(true);
  expect(sameConfiguration(injector(), injector({ mesh: 'accessLogFile: /dev/stdout' }))).toBe(false);
});
