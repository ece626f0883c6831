import type { ResourceQuota } from '../../../lib/engine/cluster/objects';
import { fullQuota } from '../../../lib/engine/plan/full-quota';

const SPEC = {
  containers: [{ name: 'app', resources: { requests: { cpu: '200m' }, limits: { cpu: '1', memory: '64Mi' } } }],
  initContainers: [
    { name: 'first', resources: { requests: { cpu: '100m' } } },
    { name: 'istio-proxy', restartPolicy: 'Always', resources: { requests: { cpu: '100m', memory: '64Mi' } } },
  ],
};
const quota = (hard: Record<string, string>, used: Record<string, string> = {}): ResourceQuota => ({
  metadata: { name: 'limits', uid: 'limits' },
  status: { hard, used },
});

describe('a quota', () => {
  test.each<[Record<string, string>, Record<string, string>, string | undefined]>([
    [{ pods: '4' }, { pods: '4' }, 'exceeded quota: limits, used: pods=4, limited: pods=4'],
    [{ pods: '4' }, { pods: '3' }, undefined],
    [{ 'count/pods': '1' }, { 'count/pods': '1' }, 'exceeded quota: limits, used: count/pods=1, limited: count/pods=1'],
    [{ services: '1' }, { services: '1' }, undefined],
    [{ cpu: '1' }, { cpu: '700m' }, undefined],
    [
      { 'requests.cpu': '1' },
      { 'requests.cpu': '701m' },
      'exceeded quota: limits, used: requests.cpu=701m, limited: requests.cpu=1',
    ],
    [{ 'requests.memory': '128Mi' }, {}, undefined],
    [{ memory: '127Mi' }, {}, 'exceeded quota: limits, used: memory=0, limited: memory=127Mi'],
    [{ 'limits.cpu': '1' }, { 'limits.cpu': '0' }, undefined],
    [
      { 'limits.cpu': '1' },
      { 'limits.cpu': '1m' },
      'exceeded quota: limits, used: limits.cpu=1m, limited: limits.cpu=1',
    ],
    [{ pods: 'many' }, { pods: '4' }, undefined],
  ])('is full or not: %j, with %j used', (hard, used, expected) => {
    expect(fullQuota([quota({}), quota(hard, used)], SPEC)).toBe(expected);
  });

  test('whose status the API server has not set yet limits nothing', () => {
    expect(fullQuota([{ metadata: { name: 'new', uid: 'new' } }], SPEC)).toBeUndefined();
  });
});
