import { requestsInjection } from '../../../lib/engine/injector/injection-request';

const template = (labels = {}, annotations = {}, hostNetwork = false) => ({
  metadata: { labels, annotations },
  spec: { containers: [], hostNetwork },
});
const inject = (value: string) => ({ 'sidecar.istio.io/inject': value });
const enabled = { 'istio-injection': 'enabled' };
const revision = { 'istio.io/rev': 'canary' };

describe('requestsInjection', () => {
  test.each([
    ['an enabled namespace', enabled, template(), true],
    ['a namespace of a revision', revision, template(), true],
    ['a label on the pod', {}, template(inject('true')), true],
    ['a revision on the pod', {}, template(revision), true],
    ['nothing', {}, template(), false],
    ['a disabled namespace', { 'istio-injection': 'disabled', ...revision }, template(inject('true')), false],
    ['a pod that opts out by label', enabled, template(inject('false')), false],
    ['a pod that opts out by annotation', enabled, template({}, inject('false')), false],
    ['a pod whose label outweighs its annotation', {}, template(inject('true'), inject('false')), true],
    ['a pod on the network of its node', enabled, template({}, {}, true), false],
  ])('%s', (_, labels, pod, expected) => {
    expect(requestsInjection(labels, pod)).toBe(expected);
  });
});
