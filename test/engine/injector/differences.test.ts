import { differences } from '../../../lib/engine/injector/differences';
import type { Sidecar } from '../../../lib/engine/injector/sidecar';

function sidecar(fields: Record<string, unknown> = {}, rest: Partial<Sidecar> = {}): Sidecar {
  return {
    revision: 'default',
    containers: { 'istio-proxy': { placement: 'container', fields: { image: 'proxy:1', ...fields } } },
    volumes: {},
    ...rest,
  };
}

describe('differences', () => {
  test('are none between equal sidecars, whatever the order of keys', () => {
    expect(
      differences(
        sidecar({ resources: { limits: { cpu: '1', memory: '1Gi' } }, args: ['a', 'b'] }),
        sidecar({ args: ['a', 'b'], resources: { limits: { memory: '1Gi', cpu: '1' } } }),
      ),
    ).toEqual([]);
    expect(differences(undefined, undefined)).toEqual([]);
  });

  test.each([
    ['an image', { image: 'proxy:2' }, [{ path: 'istio-proxy.image', old: 'proxy:1', new: 'proxy:2' }]],
    [
      'a new limit',
      { resources: { limits: { cpu: '2' } } },
      [{ path: 'istio-proxy.resources', old: '(none)', new: '{"limits":{"cpu":"2"}}' }],
    ],
    ['an argument', { args: ['proxy'] }, [{ path: 'istio-proxy.args', old: '(none)', new: '["proxy"]' }]],
  ])('are %s', (_, fields, expected) => {
    expect(differences(sidecar(), sidecar(fields))).toEqual(expected);
  });

  test('include a changed order of a list', () => {
    expect(differences(sidecar({ args: ['proxy', 'sidecar'] }), sidecar({ args: ['sidecar', 'proxy'] }))).toEqual([
      { path: 'istio-proxy.args', old: '["proxy","sidecar"]', new: '["sidecar","proxy"]' },
    ]);
  });

  test('look into the JSON of environment variables', () => {
    const config = (text: string) => sidecar({ env: { PROXY_CONFIG: text } });
    expect(
      differences(
        config('{"concurrency":2,"tracing":{"sampling":1}}\n'),
        config('{ "tracing": { "sampling": 5 }, "concurrency": 2 }'),
      ),
    ).toEqual([{ path: 'istio-proxy.env.PROXY_CONFIG.tracing.sampling', old: '1', new: '5' }]);
  });

  test('compare text that only looks like JSON as text', () => {
    const config = (text: string) => sidecar({ env: { PROXY_CONFIG: text } });
    expect(differences(config('{"statusPort":1'), config('{"statusPort":1}'))).toEqual([
      { path: 'istio-proxy.env.PROXY_CONFIG', old: '(not shown)', new: '{"statusPort":1}' },
    ]);
  });

  test('of long values begin shortly before what differs, and end soon', () => {
    const value = (middle: string) => sidecar({ image: `a/${'a'.repeat(98)}${middle}${'b'.repeat(100)}` });
    const shown = (middle: string) => `…${'a'.repeat(20)}${middle}${'b'.repeat(77)}…`;
    expect(differences(value('1'), value('2'))).toEqual([
      { path: 'istio-proxy.image', old: shown('1'), new: shown('2') },
    ]);
  });

  test('name a container that moves, comes or goes', () => {
    const moved = sidecar(
      {},
      {
        containers: {
          'istio-proxy': { placement: 'native sidecar', fields: { image: 'proxy:1' } },
          'istio-validation': { placement: 'init container', fields: {} },
        },
      },
    );
    expect(differences(sidecar(), moved)).toEqual([
      { path: 'istio-proxy.placement', old: 'container', new: 'native sidecar' },
      { path: 'istio-validation', old: '(none)', new: 'init container' },
    ]);
    expect(differences(moved, sidecar())[1]).toEqual({
      path: 'istio-validation',
      old: 'init container',
      new: '(none)',
    });
  });

  test('name another revision and another volume', () => {
    expect(differences(sidecar(), sidecar({}, { revision: 'canary', volumes: { data: { emptyDir: {} } } }))).toEqual([
      { path: 'istio.io/rev', old: 'default', new: 'canary' },
      { path: 'volumes.data', old: '(none)', new: '{"emptyDir":{}}' },
    ]);
  });

  test('of a sidecar that comes or goes are one, with its image', () => {
    expect(differences(undefined, sidecar())).toEqual([{ path: 'sidecar', old: '(none)', new: 'proxy:1' }]);
    expect(differences(sidecar(), undefined)).toEqual([{ path: 'sidecar', old: 'proxy:1', new: '(none)' }]);
  });

  test("show Istio's own settings, also of names that look secret", () => {
    expect(differences(sidecar({ env: { JWT_POLICY: 'first' } }), sidecar({ env: { JWT_POLICY: 'third' } }))).toEqual([
      { path: 'istio-proxy.env.JWT_POLICY', old: 'first', new: 'third' },
    ]);
  });
});
