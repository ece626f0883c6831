import { appliedMetadata, type Manifest } from '../../../../lib/engine/plan/prediction/manifest';

const namespace = (labels: Record<string, string>): Manifest => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'shop', labels },
});

describe('appliedMetadata', () => {
  test('keeps what others have set, and sets what the manifest has', () => {
    expect(appliedMetadata({ labels: { team: 'a', tier: '1' } }, namespace({ tier: '2' }))).toEqual({
      labels: { team: 'a', tier: '2' },
      annotations: {},
    });
  });

  test('takes away what an earlier kubectl apply has set', () => {
    const applied = { metadata: { labels: { 'istio-injection': 'enabled' } } };
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(applied) };
    const live = { labels: { 'istio-injection': 'enabled', team: 'a' }, annotations };
    expect(appliedMetadata(live, namespace({})).labels).toEqual({ team: 'a' });
  });

  test('takes away what an earlier server-side apply has set, not what an update has', () => {
    const of = (operation: string, label: string) => ({
      operation,
      fieldsV1: { 'f:metadata': { 'f:labels': { [`f:${label}`]: {} } } },
    });
    const live = {
      labels: { 'istio-injection': 'enabled', team: 'a' },
      managedFields: [of('Apply', 'istio-injection'), of('Update', 'team')],
    };
    expect(appliedMetadata(live, namespace({})).labels).toEqual({ team: 'a' });
  });

  test('ignores a record that is not JSON', () => {
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': '{' };
    expect(appliedMetadata({ labels: { team: 'a' }, annotations }, namespace({})).labels).toEqual({ team: 'a' });
  });
});
