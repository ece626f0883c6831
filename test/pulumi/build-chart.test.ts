import * as pulumi from '@pulumi/pulumi';
import { Chart, type App } from 'cdk8s';
import { ExistingIstio, MeshNamespace, StrictPeerAuthentication } from 'istio-module';
import { MeshDeployment } from '../../lib/pulumi/mesh-deployment';
import { registeredBy, type Registered } from './registered';

const kubeconfig = 'apiVersion: v1\nkind: Config';
const later = <T>(value: T) => new Promise<T>((resolve) => setTimeout(resolve, 5, value));

function chartFor(app: App, namespace: string): Chart {
  const chart = new Chart(app, 'mesh');
  new ExistingIstio(chart, 'istio');
  const shop = new MeshNamespace(chart, 'shop', { name: namespace });
  new StrictPeerAuthentication(chart, 'strict', { namespace: shop });
  return chart;
}

/** A resource of another kind, with an output that is known only once the resource exists. */
class Late extends pulumi.CustomResource {
  declare readonly value: pulumi.Output<string>;

  constructor(name: string, value: string | undefined) {
    super('example:index:Late', name, { value });
  }
}

const namesOf = (resources: readonly Registered[]) =>
  resources.map(({ name }) => name).filter((name) => name.startsWith('mesh'));
const NAMES = [
  ...['mesh', 'mesh-kubernetes', 'mesh/Namespace/shop', 'mesh-readiness', 'mesh-restart'],
  ...['mesh/PeerAuthentication/shop/default', 'mesh-guard'],
];

describe('the function for the chart of a MeshDeployment', () => {
  test.each<[string, () => MeshDeployment<never>]>([
    ['is called at once', () => new MeshDeployment('mesh', { kubeconfig, chart: (app) => chartFor(app, 'shop') })],
    [
      'may be async',
      () => new MeshDeployment('mesh', { kubeconfig, chart: async (app) => chartFor(app, await later('shop')) }),
    ],
    [
      'receives the values of Outputs, Promises and plain inputs',
      () =>
        new MeshDeployment('mesh', {
          kubeconfig,
          inputs: { first: 'sh', rest: { last: [pulumi.output(later('o')), later('p')] } },
          chart: (app, { first, rest }) => chartFor(app, [first, ...rest.last].join('')),
        }),
    ],
    [
      'receives values, and is async',
      () =>
        new MeshDeployment('mesh', {
          kubeconfig,
          inputs: { namespace: new Late('late', 'shop').value },
          chart: async (app, { namespace }) => chartFor(app, await later(namespace)),
        }),
    ],
  ])('%s, and what is registered is the same', async (_, program) => {
    const synchronous = await registeredBy(
      () => new MeshDeployment('mesh', { kubeconfig, chart: (app) => chartFor(app, 'shop') }),
    );
    expect(namesOf(synchronous).sort()).toEqual([...NAMES].sort());
    const resources = await registeredBy(program);
    const inputsOf = (all: readonly Registered[]) => new Map(all.map(({ name, inputs }) => [name, inputs]));
    expect(namesOf(resources).sort()).toEqual(namesOf(synchronous).sort());
    for (const name of NAMES) {
      expect([name, inputsOf(resources).get(name)]).toEqual([name, inputsOf(synchronous).get(name)]);
    }
    const order = namesOf(resources).filter((name) => name !== 'mesh' && name !== 'mesh-kubernetes');
    expect(order).toEqual(NAMES.slice(2));
  });

  test('is not called in a preview that does not know its inputs yet, which says so', async () => {
    const warned = jest.spyOn(pulumi.log, 'warn').mockResolvedValue(undefined);
    const chart = jest.fn((app: App, { namespace }: { namespace: string }) => chartFor(app, namespace));
    try {
      const resources = await registeredBy(
        () =>
          new MeshDeployment('mesh', { kubeconfig, inputs: { namespace: new Late('late', undefined).value }, chart }),
        { preview: true },
      );
      expect(chart).not.toHaveBeenCalled();
      expect(namesOf(resources).sort()).toEqual(['mesh', 'mesh-guard', 'mesh-kubernetes', 'mesh-restart']);
      expect(warned.mock.calls.map(([message]) => message)).toEqual([
        'Some of the inputs of the chart are known only in the update, so this preview does not show the objects of the chart. Objects of the last update appear as deleted; the update keeps those that the chart still contains.',
      ]);
    } finally {
      warned.mockRestore();
    }
  });
});
