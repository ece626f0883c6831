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

  test('of the order in a list count', () => {
    expect(differences(sidecar({ args: ['a', 'b'] }), sidecar({ args: ['b', 'a'] }))).toEqual([
      { path: 'istio-proxy.args', old: '["a","b"]', new: '["b","a"]' },
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
    expect(differences(sidecar({ env: { A: '{broken' } }), sidecar({ env: { A: '{"a":1}' } }))).toEqual([
      { path: 'istio-proxy.env.A', old: '{broken', new: '{"a":1}' },
    ]);
  });

  test('of long values begin shortly before what differs, and end soon', () => {
    const value = (middle: string) => sidecar({ env: { A: `${'a'.repeat(150)}${middle}${'b'.repeat(150)}` } });
    const shown = (middle: string) => `…${'a'.repeat(20)}${middle}${'b'.repeat(77)}…`;
    expect(differences(value('1'), value('2'))).toEqual([
      { path: 'istio-proxy.env.A', old: shown('1'), new: shown('2') },
    ]);
  });

  test('are in one line, whatever is in the values', () => {
    expect(differences(sidecar({ env: { A: 'a\nb' } }), sidecar({ env: { A: 'a\nc' } }))).toEqual([
      { path: 'istio-proxy.env.A', old: 'a\\nb', new: 'a\\nc' },
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

  describe('show no secret', () => {
    test.each(['API_TOKEN', 'DB_PASSWORD', 'client_secret', 'PRIVATE_KEY', 'ISTIO_META_API_KEY'])('in %s', (name) => {
      expect(differences(sidecar({ env: { [name]: 'abc' } }), sidecar({ env: { [name]: 'xyz' } }))).toEqual([
        { path: `istio-proxy.env.${name}`, old: '(not shown)', new: '(not shown)' },
      ]);
    });

    test('within an object that is new as a whole', () => {
      const config = { proxyMetadata: { API_TOKEN: 'abc', NAME: 'a' } };
      const found = differences(sidecar(), sidecar({ env: { PROXY_CONFIG: JSON.stringify(config) } }));
      expect(found).toEqual([
        {
          path: 'istio-proxy.env',
          old: '(none)',
          new: '{"PROXY_CONFIG":{"proxyMetadata":{"API_TOKEN":"(not shown)","NAME":"a"}}}',
        },
      ]);
    });

    const url = (password: string) => `https://me:${password}@collector.example/v1?api_key=${password}&a=b`;
    test.each<[string, (value: string) => Record<string, unknown>, string]>([
      [
        'the user of a URL, and its query',
        (value) => ({ env: { A: url(value) } }),
        url('(not shown)').replace('me:', ''),
      ],
      ['an argument', (value) => ({ args: ['proxy', `--auth-token=${value}`] }), '["--auth-token=(not shown)"]'],
      ['the argument behind an option', (value) => ({ args: ['--password', value, 'x'] }), '["(not shown)"]'],
      [
        'a header of a probe',
        (value) => ({ readinessProbe: { httpGet: { httpHeaders: [{ name: 'Authorization', value }] } } }),
        '[{"name":"Authorization","value":"(not shown)"}]',
      ],
      ['a scheme of authentication', (value) => ({ env: { A: `x=Bearer ${value}` } }), 'x=Bearer (not shown)'],
    ])('in %s', (_, fields, shown) => {
      expect(
        differences(sidecar(fields('abc')), sidecar(fields('xyz'))).map(({ old, new: now }) => [old, now]),
      ).toEqual([[shown, shown]]);
    });

    test("but Istio's own settings of such a name", () => {
      expect(differences(sidecar({ env: { JWT_POLICY: 'first' } }), sidecar({ env: { JWT_POLICY: 'third' } }))).toEqual(
        [{ path: 'istio-proxy.env.JWT_POLICY', old: 'first', new: 'third' }],
      );
    });
  });
});
