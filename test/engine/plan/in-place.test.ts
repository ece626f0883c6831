import type { PodTemplate } from '../../../lib/engine/cluster/objects';
import type { Difference } from '../../../lib/engine/injector/differences';
import type { Sidecar, SidecarContainer } from '../../../lib/engine/injector/sidecar';
import { inPlaceUpdate, runningDifferences } from '../../../lib/engine/plan/in-place';

const TEMPLATE: PodTemplate = {
  spec: { containers: [{ name: 'app', image: 'app', resources: { requests: { cpu: '1', memory: '1Gi' } } }] },
};

const native = (fields: SidecarContainer['fields'] = {}): SidecarContainer => ({
  placement: 'native sidecar',
  fields: { image: 'proxy:1', resources: { requests: { cpu: '10m', memory: '40Mi' } }, ...fields },
});

function sidecar(
  proxy: SidecarContainer,
  rest: Partial<Sidecar> = {},
  containers: Sidecar['containers'] = {},
): Sidecar {
  return { revision: 'default', containers: { 'istio-proxy': proxy, ...containers }, volumes: {}, ...rest };
}

const pathsOf = (differences: readonly Difference[]) => differences.map(({ path }) => path);

/** The containers that are changed, the differences that this settles, and those that it leaves. */
function update(running: Sidecar, wanted: Sidecar, template = TEMPLATE) {
  const found = inPlaceUpdate({ running, wanted }, template);
  return (
    found && {
      containers: found.containers,
      settles: pathsOf(found.differences),
      leaves: pathsOf(found.remaining),
    }
  );
}

const IMAGE = { name: 'istio-proxy', image: { old: 'proxy:1', new: 'proxy:2' } };

describe('an update in place', () => {
  test('changes the image of a native sidecar', () => {
    expect(update(sidecar(native()), sidecar(native({ image: 'proxy:2' })))).toEqual({
      containers: [IMAGE],
      settles: ['istio-proxy.image'],
      leaves: [],
    });
  });

  test('changes cpu and memory, and names all of them', () => {
    const resources = { requests: { cpu: '20m', memory: '40Mi' }, limits: { memory: '1Gi' } };
    expect(update(sidecar(native()), sidecar(native({ resources })))).toEqual({
      containers: [{ name: 'istio-proxy', resources }],
      settles: ['istio-proxy.resources.limits', 'istio-proxy.resources.requests.cpu'],
      leaves: [],
    });
  });

  test('leaves what cannot change in a running pod, and says so', () => {
    const wanted = native({ image: 'proxy:2', env: { PROXY_CONFIG: '{"concurrency":2}' }, args: ['proxy'] });
    expect(update(sidecar(native()), sidecar(wanted))).toEqual({
      containers: [IMAGE],
      settles: ['istio-proxy.image'],
      leaves: ['istio-proxy.args', 'istio-proxy.env'],
    });
  });

  test('includes further differences that a prediction knows', () => {
    const further = [{ path: 'istio-proxy.env.OF_ISTIOD', old: '(not shown)', new: '(not shown)' }];
    const sidecars = { running: sidecar(native()), wanted: sidecar(native({ image: 'proxy:2' })), further };
    expect(inPlaceUpdate(sidecars, TEMPLATE)?.remaining).toEqual(further);
    expect(runningDifferences(sidecars)).toContainEqual(further[0]);
  });

  test.each<[string, SidecarContainer, SidecarContainer]>([
    [
      'an ordinary sidecar',
      { ...native(), placement: 'container' },
      { ...native({ image: 'b' }), placement: 'container' },
    ],
    ['a sidecar that becomes a native one', { ...native(), placement: 'container' }, native({ image: 'b' })],
    ['a native sidecar that differs otherwise', native(), native({ args: ['proxy'] })],
    ['a native sidecar that is as it is to be', native(), native()],
  ])('is not for %s', (_, running, wanted) => {
    expect(update(sidecar(running), sidecar(wanted))).toBeUndefined();
  });

  test('is not for a container of the application, whatever the injector merges into it', () => {
    const template = { spec: { ...TEMPLATE.spec, initContainers: [{ name: 'logs', restartPolicy: 'Always' }] } };
    const of = (image: string) => sidecar(native(), {}, { logs: native({ image }) });
    expect(update(of('logs:1'), of('logs:2'), template)).toBeUndefined();
  });

  test.each<[string, Partial<Sidecar>, SidecarContainer['fields']]>([
    ['another revision', { revision: 'canary' }, {}],
    [
      'another address of its control plane',
      {},
      { env: { PROXY_CONFIG: '{"discoveryAddress":"istiod-canary:15012"}' } },
    ],
  ])('gives no image of %s, which the proxy does not come to', (_, rest, fields) => {
    const running = native({ env: { PROXY_CONFIG: '{"discoveryAddress":"istiod:15012"}' } });
    const resources = { requests: { cpu: '20m', memory: '40Mi' } };
    const wanted = { env: running.fields.env, image: 'proxy:2', resources, ...fields };
    const found = update(sidecar(running), sidecar(native(wanted), rest));
    expect(found?.settles).toEqual(['istio-proxy.resources.requests.cpu']);
    expect(found?.leaves).toContain('istio-proxy.image');
  });

  describe('of resources', () => {
    const of = (resources: object) => sidecar(native({ resources }));

    test('takes nothing away that was written, for Kubernetes does not', () => {
      const limits = { cpu: '2', memory: '1Gi' };
      const found = update(
        of({ requests: { cpu: '10m' }, limits }),
        of({ requests: { cpu: '20m' }, limits: { cpu: '2' } }),
      );
      expect(found?.containers).toEqual([{ name: 'istio-proxy', resources: { requests: { cpu: '20m' }, limits } }]);
      expect(found?.leaves).toEqual(['istio-proxy.resources.limits.memory']);
    });

    test.each<[string, object, object, PodTemplate]>([
      ['other resources', {}, { requests: { 'ephemeral-storage': '1Gi' } }, TEMPLATE],
      ['the same amounts in other words', { requests: { cpu: '1000m' } }, { requests: { cpu: '1' } }, TEMPLATE],
      ['a request above the limit that stays', { limits: { cpu: '1' } }, { requests: { cpu: '2' } }, TEMPLATE],
      ['a pod without any, whose class would be another', {}, { requests: { cpu: '1' } }, { spec: { containers: [] } }],
      [
        'a pod that is guaranteed all of its resources',
        { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '1', memory: '1Gi' } },
        { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '2', memory: '1Gi' } },
        { spec: { containers: [] } },
      ],
      [
        'a pod that has resources as a whole',
        { requests: { cpu: '1' } },
        { requests: { cpu: '2' } },
        { spec: { ...TEMPLATE.spec, resources: { limits: { cpu: '4' } } } },
      ],
    ])('does not change %s', (_, running, wanted, template) => {
      expect(update(of(running), of(wanted), template)).toBeUndefined();
    });

    test('leaves them where only the image can change', () => {
      const resources = { requests: { cpu: '1' } };
      const found = update(of({}), sidecar(native({ image: 'proxy:2', resources })), { spec: { containers: [] } });
      expect(found).toEqual({
        containers: [IMAGE],
        settles: ['istio-proxy.image'],
        leaves: ['istio-proxy.resources.requests'],
      });
    });
  });
});

describe('a container that has run already', () => {
  const init = (fields: SidecarContainer['fields']): SidecarContainer => ({ placement: 'init container', fields });
  const of = (proxy: SidecarContainer, fields: SidecarContainer['fields']) =>
    sidecar(proxy, {}, { 'istio-init': init(fields) });

  test('is not compared by its image and its resources', () => {
    const running = of(native(), { image: 'proxy:1', resources: { limits: { cpu: '1' } } });
    const wanted = of(native(), { image: 'proxy:2' });
    expect(runningDifferences({ running, wanted })).toEqual([]);
    expect(update(running, wanted)).toBeUndefined();
  });

  test('is compared by what it has set up', () => {
    const [running, wanted] = [of(native(), { args: ['-p', '1'] }), of(native(), { args: ['-p', '2'] })];
    expect(pathsOf(runningDifferences({ running, wanted }))).toEqual(['istio-init.args']);
  });

  test('leaves no difference after an update', () => {
    const found = update(of(native(), { image: 'proxy:1' }), of(native({ image: 'proxy:2' }), { image: 'proxy:2' }));
    expect(found).toEqual({ containers: [IMAGE], settles: ['istio-proxy.image'], leaves: [] });
  });
});
