import * as cdk8s from 'cdk8s';
import * as constructs from 'constructs';
import * as mesh from 'istio-module';

type Mesh = typeof mesh;

/** Another copy of the package, which shares cdk8s with the first. */
async function otherCopy(): Promise<Mesh> {
  let copy: Mesh | undefined;
  await jest.isolateModulesAsync(async () => {
    jest.doMock('cdk8s', () => cdk8s);
    jest.doMock('constructs', () => constructs);
    copy = await import('istio-module');
  });
  jest.dontMock('cdk8s').dontMock('constructs');
  return copy as Mesh;
}

describe('two copies of the package', () => {
  const policy = ({ StrictPeerAuthentication }: Mesh, chart: cdk8s.Chart, id: string) =>
    new StrictPeerAuthentication(chart, id, { namespace: 'shop', workload: { app: id } });

  test('in one app are refused, with their paths and how to install only one', async () => {
    const app = new cdk8s.App();
    policy(mesh, new cdk8s.Chart(app, 'one'), 'db');
    const other = await otherCopy();
    expect(other.StrictPeerAuthentication).not.toBe(mesh.StrictPeerAuthentication);
    expect(() => policy(other, new cdk8s.Chart(app, 'two'), 'cart')).toThrow(
      /^StrictPeerAuthentication two\/cart: the app has two copies of istio-module, \/\S+ and \/\S+, and neither sees the constructs of the other: keep only one installed, for example with npm dedupe$/,
    );
  });

  test('work in separate apps', async () => {
    const other = await otherCopy();
    for (const copy of [mesh, other]) {
      const chart = new cdk8s.Chart(new cdk8s.App(), 'mesh');
      policy(copy, chart, 'db');
      // The constructs of a copy share two values in a tree.
      new copy.AuthorizationPolicy(chart, 'cart', { namespace: 'shop', rules: copy.Requests.ALL });
      expect(cdk8s.Testing.synth(chart)).toHaveLength(2);
    }
  });
});
