import type { IstioResource } from '../../../lib/engine/istio/foreign-resources';
import { namespace } from '../cluster-builder';
import { findingsOf, inspectionOf } from './inspection-of';

const resource = (kind: string, place: string, name: string, labels = {}): IstioResource => ({
  ...{ group: 'networking.istio.io', kind, namespace: place, name, labels },
});
const objects = [namespace('shop'), namespace('bank'), namespace('istio-system')];
const ROUTE = resource('VirtualService', 'shop', 'reviews');

describe('resources', () => {
  test('of users are in the way of an uninstall, each with the command that deletes it', async () => {
    const scoped = resource('ClusterThing', '', 'one');
    expect(await findingsOf('ForeignResource', { objects, resources: [ROUTE, scoped] })).toEqual([
      {
        ...{ code: 'ForeignResource', severity: 'error', blocks: ['uninstall'] },
        object: { kind: 'ClusterThing', namespace: '', name: 'one' },
        message: "ClusterThing one is not part of the installation, and an uninstall would delete it with Istio's CRDs",
        remedy: 'kubectl delete clusterthing.networking.istio.io/one',
      },
      {
        ...{ code: 'ForeignResource', severity: 'error', blocks: ['uninstall'] },
        object: { kind: 'VirtualService', namespace: 'shop', name: 'reviews' },
        message:
          "VirtualService shop/reviews is not part of the installation, and an uninstall would delete it with Istio's CRDs",
        remedy: 'kubectl -n shop delete virtualservice.networking.istio.io/reviews',
      },
    ]);
  });

  test('are in nobody’s way before an upgrade', async () => {
    const { findings, resources } = await inspectionOf({ objects, resources: [ROUTE] }, { purpose: 'upgrade' });
    expect([findings, resources.length]).toEqual([[], 1]);
  });

  test.each([
    [
      'the labels of Istio’s charts',
      resource('EnvoyFilter', 'istio-system', 'stats', { 'app.kubernetes.io/part-of': 'istio' }),
    ],
    [
      'the label of Istio’s operator',
      resource('EnvoyFilter', 'istio-system', 'stats', { 'operator.istio.io/component': 'Pilot' }),
    ],
    [
      'the label of its owner',
      resource('Gateway', 'istio-system', 'in', { 'install.operator.istio.io/owning-resource': 'unknown' }),
    ],
    ['the name of the mesh-wide PeerAuthentication', resource('PeerAuthentication', 'istio-system', 'default')],
    ['the name of the mesh-wide Telemetry', resource('Telemetry', 'istio-system', 'mesh-default')],
  ])('are of the installation with %s', async (_, installed) => {
    const { findings, resources } = await inspectionOf({ objects, resources: [installed] });
    expect([findings, resources.map(({ foreign }) => foreign)]).toEqual([[], [false]]);
  });

  test.each([
    ['a label of the same key', resource('VirtualService', 'shop', 'a', { 'app.kubernetes.io/part-of': 'shop' })],
    ['the name of a mesh-wide object, elsewhere', resource('PeerAuthentication', 'shop', 'default')],
    ['another name in the root namespace', resource('PeerAuthentication', 'istio-system', 'strict')],
  ])('are users’ own with %s', async (_, own) => {
    expect((await inspectionOf({ objects, resources: [own] })).resources).toMatchObject([{ foreign: true }]);
  });

  test('of other namespaces than the chosen ones are left out', async () => {
    const resources = [ROUTE, resource('VirtualService', 'bank', 'tills')];
    const inspection = await inspectionOf({ objects, resources }, { namespaces: ['bank'] });
    expect(inspection.resources.map(({ name }) => name)).toEqual(['tills']);
  });
});
