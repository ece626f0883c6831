import { App, Chart } from 'cdk8s';
import { MeshNamespace, StrictPeerAuthentication } from 'istio-module';
import { MeshService } from '../mesh/composition/mesh-service';
import { fakeModule } from '../mesh/synthesis';
import { registered } from './registered';

/** A chart of a user's own constructs that contain those of the package. */
class ShopChart extends Chart {
  constructor(app: App) {
    super(app, 'shop-mesh');
    const shop = new MeshNamespace(this, 'shop', { name: 'shop' });
    new MeshService(this, 'reviews', shop);
    new MeshService(this, 'ratings', shop);
    new StrictPeerAuthentication(this, 'strict', { namespace: shop });
    fakeModule(this);
  }
}

describe('a chart with a user’s own constructs in a Pulumi program', () => {
  test('is applied as a whole: workloads after the control plane, their policies once its webhooks answer', async () => {
    const resources = await registered((app) => new ShopChart(app));
    const names = resources.map(({ name }) => name);
    const at = (name: string) => {
      expect(names).toContain(name);
      return names.indexOf(name);
    };
    for (const service of ['reviews', 'ratings']) {
      for (const before of ['Namespace/shop', 'DaemonSet/istio-system/istio-cni-node']) {
        expect(at(`mesh/Deployment/shop/${service}`)).toBeGreaterThan(at(`mesh/${before}`));
      }
      for (const kind of ['VirtualService', 'DestinationRule']) {
        expect(at(`mesh/${kind}/shop/${service}`)).toBeGreaterThan(at('mesh-readiness'));
      }
      expect(at(`mesh/VirtualService/shop/${service}`)).toBeGreaterThan(at(`mesh/DestinationRule/shop/${service}`));
    }
    expect(at('mesh-guard')).toBe(names.length - 1);
  });

  test('comes with its selectors and references as cdk8s resolves them', async () => {
    const resources = await registered((app) => new ShopChart(app));
    const specOf = (name: string) => resources.find((one) => one.name === `mesh/${name}`)?.inputs.spec;
    const { selector } = specOf('Service/shop/reviews') as { selector: object };
    expect(specOf('Deployment/shop/reviews')).toMatchObject({ selector: { matchLabels: selector } });
    expect(specOf('VirtualService/shop/reviews')).toMatchObject({ hosts: ['reviews'] });
  });

  test('is applied without the other charts of its app', async () => {
    const app = new App();
    const chart = new ShopChart(app);
    new StrictPeerAuthentication(new Chart(app, 'elsewhere'), 'other', { namespace: 'elsewhere' });
    const names = (await registered(chart)).map(({ name }) => name);
    expect(names).toContain('mesh/PeerAuthentication/shop/default');
    expect(names).not.toContain('mesh/PeerAuthentication/elsewhere/default');
  });
});
