/** What the types of ordered apps and of the escape hatch accept, and what they refuse; never run. */
import type { App } from 'cdk8s';
import { YamlOutputType, type ApiObject, type Chart } from 'cdk8s';
import { InstallationStage, IstioModule, MeshNamespace, OrderedApp, Ordering, type MeshConstruct } from 'istio-module';
import type { Holds, Same } from './claims';

export function accepted(chart: Chart): readonly App[] {
  const constructs: MeshConstruct[] = [
    new IstioModule(chart, 'istio', { version: '1.31.1' }),
    new MeshNamespace(chart, 'shop', { name: 'shop' }),
  ];
  InstallationStage.RESTART.add(...constructs, chart);
  return [
    new OrderedApp({ ordering: Ordering.argoCd(), yamlOutputType: YamlOutputType.FILE_PER_RESOURCE }),
    new OrderedApp({ ordering: Ordering.flux({ path: './dist' }), outdir: 'dist' }),
    new OrderedApp({ ordering: Ordering.kubectl() }),
  ];
}

export function refused(construct: MeshConstruct): void {
  // @ts-expect-error -- an OrderedApp needs an ordering
  new OrderedApp({ outdir: 'dist' });
  // @ts-expect-error -- orderings come from Ordering's own methods
  new Ordering('argoCd');
  // @ts-expect-error -- stages are fixed
  new InstallationStage('later', 7);
  // @ts-expect-error -- the list is read-only
  construct.apiObjects.pop();
}

export type Objects = Holds<Same<MeshConstruct['apiObjects'], readonly ApiObject[]>>;
