import type { ArrayTexts } from '../../../lib/engine/cluster/list-items';
import type { Pod } from '../../../lib/engine/cluster/objects';
import { sidecarOf } from '../../../lib/engine/injector/sidecar';
import { SidecarPool, withArrays } from '../../../lib/engine/snapshot/sidecar-pool';

interface Variant {
  readonly token?: string;
  readonly image?: string;
  readonly workload?: string;
  readonly tokenIn?: string;
  readonly revision?: string;
}

/** A pod as the injector returns it. */
function podOf({
  token = 'abcde',
  image = 'proxyv2:1',
  workload = 'web',
  tokenIn = '/var/run',
  revision,
}: Variant): Pod {
  const volumeMounts = [
    { name: 'istio-token', mountPath: '/var/run/secrets/tokens' },
    { name: `kube-api-access-${token}`, readOnly: true, mountPath: tokenIn },
  ];
  const env = [{ name: 'ISTIO_META_WORKLOAD_NAME', value: workload }];
  return {
    metadata: {
      name: `web-${token}`,
      uid: token,
      annotations: {
        'sidecar.istio.io/status': JSON.stringify({ containers: ['istio-proxy'], volumes: ['istio-token'] }),
        ...(revision ? { 'istio.io/rev': revision } : {}),
      },
    },
    spec: {
      containers: [
        { name: 'istio-proxy', image, env, volumeMounts, resources: { limits: { cpu: '2' } } },
        { name: 'app', image: 'app', volumeMounts },
      ],
      volumes: [
        { name: 'istio-token', projected: { sources: [] } },
        { name: `kube-api-access-${token}`, projected: { sources: [] } },
      ],
    },
  };
}

/** The pod as a LIST returns it: with its large arrays as text. */
function listed(pod: Pod): [Pod, ArrayTexts] {
  const { containers, volumes, ...spec } = pod.spec;
  return [
    { ...pod, spec: { ...spec, containers: [], volumes: [] } },
    { 'spec.containers': JSON.stringify(containers), 'spec.volumes': JSON.stringify(volumes) },
  ];
}

describe('a pool of sidecars', () => {
  it('gives pods that differ by the name of their token volume the same sidecar', () => {
    const pool = new SidecarPool();
    const [first, second] = [podOf({ token: 'abcde' }), podOf({ token: 'fghij' })];
    const sidecar = pool.ofListed(...listed(first));
    expect(sidecar).toEqual(sidecarOf(first));
    expect(pool.ofListed(...listed(second))).toBe(sidecar);
  });

  it.each<[string, Variant]>([
    ['image', { image: 'proxyv2:2' }],
    ['environment', { workload: 'api' }],
    ['revision', { revision: 'canary' }],
  ])('tells sidecars apart by their %s, and shares what is the same in them', (_, variant) => {
    const pool = new SidecarPool();
    const [first, second] = [podOf({}), podOf(variant)].map((pod) => pool.ofListed(...listed(pod)));
    expect(second).toEqual(sidecarOf(podOf(variant)));
    expect(second).not.toEqual(first);
    expect(second?.containers['istio-proxy']?.fields.resources).toBe(
      first?.containers['istio-proxy']?.fields.resources,
    );
  });

  it('accepts a pod without a sidecar, and one whose arrays were parsed', () => {
    const pool = new SidecarPool();
    const bare = { ...podOf({}), spec: { containers: [{ name: 'app' }] } };
    expect(pool.ofListed(...listed(bare))).toBeUndefined();
    expect(pool.ofListed(...listed(bare))).toBeUndefined();
    expect(pool.ofListed(podOf({}), {})).toEqual(sidecarOf(podOf({})));
  });

  it('shares equal values, and does not confuse a text with the value that it represents', () => {
    const pool = new SidecarPool();
    const value = { a: [1] };
    expect(pool.value(value)).toBe(value);
    expect(pool.value({ a: [1] })).toBe(value);
    expect(pool.value(JSON.stringify(value))).toBe(JSON.stringify(value));
    expect(pool.value({ a: [1] })).toBe(value);
  });

  it('puts arrays that were read as text back into their pod', () => {
    const pod = podOf({});
    expect(withArrays(...listed(pod))).toEqual(pod);
    expect(withArrays(pod, {})).toBe(pod);
  });
});
