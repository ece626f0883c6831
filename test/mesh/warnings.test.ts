import { App, Chart } from 'cdk8s';
import { MeshNamespace } from 'istio-module';
import { warn } from '../../lib/mesh/warnings';
import { warningsOf } from './warnings-of';

describe('a warning', () => {
  test('is printed once on stderr, and is not in the YAML', () => {
    const app = new App();
    const shop = new MeshNamespace(new Chart(app, 'mesh'), 'shop', { name: 'shop' });
    warn(shop, 'this may not be meant');
    const texts: string[] = [];
    const synthesize = () => {
      texts.push(app.synthYaml());
      texts.push(app.synthYaml());
    };
    expect(warningsOf(synthesize)).toEqual(['warning: MeshNamespace mesh/shop: this may not be meant']);
    expect(texts.join()).not.toContain('meant');
  });
});
