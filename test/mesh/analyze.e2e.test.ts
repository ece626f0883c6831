import { App } from 'cdk8s';
import { IstioCharts } from 'istio-module';
import { MeshChart } from '../../stacks/mesh-chart';
import { programs, type Programs } from '../control-plane/programs';
import { documentedCodes } from '../docs/checks-document';
import { analyzeManifests, mistakes, unknownCodes } from './analyze';
import { everyModuleSetting } from './every-module-setting';
import { everyPolicy } from './every-policy';
import { everyService } from './every-service';
import { everyControlPlane } from './installation/every-installation-option';
import { emptyChart, fakeModule, synthesized, title, type Manifest } from './synthesis';

function withoutSubset(manifest: Manifest): Manifest {
  const subsets = manifest.spec?.subsets as readonly unknown[];
  return { ...manifest, spec: { ...manifest.spec, subsets: subsets.slice(0, 1) } };
}

describe('istioctl analyze, without a cluster,', () => {
  let found: Programs;
  beforeAll(async () => {
    found = await programs();
  }, 1_800_000);

  test('finds nothing in every policy beside a module, except for what is intended', async () => {
    const chart = emptyChart();
    everyPolicy(chart);
    everyService(chart);
    const props = everyModuleSetting(found);
    everyControlPlane(chart, fakeModule(chart, props), props);
    expect(mistakes(await analyzeManifests(found.istioctl, synthesized(chart)))).toEqual([]);
  }, 60_000);

  const workedExample = () => {
    const charts = IstioCharts.directory(found.istioCharts);
    return new MeshChart(new App(), 'mesh', { version: '1.31.1', charts, helmExecutable: found.helm });
  };

  test('finds nothing in the worked example', async () => {
    expect(await analyzeManifests(found.istioctl, synthesized(workedExample()))).toEqual([]);
  }, 60_000);

  test('finds a subset that somebody took out of the manifests', async () => {
    const manifests = synthesized(workedExample()).map((manifest) =>
      title(manifest) === 'DestinationRule/shop/reviews' ? withoutSubset(manifest) : manifest,
    );
    const sentences = mistakes(await analyzeManifests(found.istioctl, manifests));
    expect([...new Set(sentences)]).toEqual([
      'Error IST0101 VirtualService shop/reviews: Referenced host+subset in destinationrule not found: "reviews+v2"',
    ]);
  }, 60_000);

  test('knows the codes of docs/checks.md, and no other', async () => {
    const candidates = Array.from({ length: 400 }, (_, index) => `IST${String(index).padStart(4, '0')}`);
    const unknown = new Set(await unknownCodes(found.istioctl, candidates));
    expect(candidates.filter((code) => !unknown.has(code))).toEqual(documentedCodes().sort());
  });
});
