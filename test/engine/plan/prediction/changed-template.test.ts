import type { PodTemplate } from '../../../../lib/engine/cluster/objects';
import { isTemplateChanged } from '../../../../lib/engine/plan/prediction/changed-template';

const LIVE = {
  metadata: { labels: { app: 'cart' }, creationTimestamp: null },
  spec: {
    restartPolicy: 'Always',
    containers: [
      {
        name: 'app',
        image: 'cart:1',
        imagePullPolicy: 'IfNotPresent',
        ports: [{ containerPort: 80, protocol: 'TCP' }],
        resources: { requests: { cpu: '500m' } },
      },
      { name: 'log', image: 'log:1' },
    ],
  },
};

const container = (fields: object) => ({ spec: { containers: [{ name: 'app', ...fields }, { name: 'log' }] } });

describe('isTemplateChanged', () => {
  test.each([
    ['is as it is', LIVE],
    ['leaves out what the API server fills in', container({ image: 'cart:1', ports: [{ containerPort: 80 }] })],
    ['writes a quantity in another way', container({ resources: { requests: { cpu: '0.5' } } })],
    ['names the containers in another order', { spec: { containers: [...LIVE.spec.containers].reverse() } }],
    ['has empty objects', { ...LIVE, spec: { ...LIVE.spec, securityContext: {}, hostNetwork: false } }],
    ['is not there', undefined],
  ])('is false for a template that %s', (_, template) => {
    expect(isTemplateChanged(LIVE as PodTemplate, template)).toBe(false);
  });

  test.each([
    ['has another image', container({ image: 'cart:2' })],
    ['has another quantity', container({ resources: { requests: { cpu: '1' } } })],
    ['has a container more', { spec: { containers: [...LIVE.spec.containers, { name: 'new', image: 'new:1' }] } }],
    ['has a label more', { metadata: { labels: { app: 'cart', tier: 'web' } } }],
    ['has another port', container({ ports: [{ containerPort: 81 }] })],
  ])('is true for a template that %s', (_, template) => {
    expect(isTemplateChanged(LIVE as PodTemplate, template)).toBe(true);
  });

  test('is false where no live template is known', () => {
    expect(isTemplateChanged(undefined, LIVE)).toBe(false);
  });
});
