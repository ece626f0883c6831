import { ApiObject, App, YamlOutputType, type AppProps } from 'cdk8s';
import { throwProblems } from '../construct-error';
import { MeshOrder } from '../mesh-order';
import { fluxKustomizations, fluxPathProblem } from './flux-kustomizations';
import { fluxProblems } from './flux-options';
import type { Ordering } from './ordering';
import { Stages } from './stages';
import { clearStages, FLUX_FOLDER, stageFiles, writeFile } from './stage-files';
import { SyncWaves } from './sync-waves';

/** Properties of {@link OrderedApp}. */
export interface OrderedAppProps extends AppProps {
  /** What applies the manifests, and so how they are ordered. */
  readonly ordering: Ordering;
}

/**
 * An App of cdk8s whose manifests can be applied to a cluster without Istio, by the tool that `ordering` names: no object
 * is applied before what it needs is ready, and no request is lost, because mutual TLS becomes STRICT last. Use it in
 * place of `App`. It orders all objects of the app, plain ApiObjects included; `InstallationStage` has the order.
 *
 * For Flux and kubectl, `synth` writes a folder for each stage, which it empties before.
 */
export class OrderedApp extends App {
  /** What applies the manifests. */
  readonly ordering: Ordering;

  /** @throws Error listing all props that are wrong */
  constructor(props: OrderedAppProps) {
    super(props);
    this.ordering = props.ordering;
    throwProblems(this, problems(this, props));
    const order = MeshOrder.of(this);
    if (this.ordering.tool === 'argoCd') {
      const waves = new SyncWaves();
      // Whatever prints manifests validates the app before.
      this.node.addValidation({
        validate: () => {
          waves.annotate(this.objects(), new Stages(order.controlPlanesOf(this)));
          return [];
        },
      });
    }
  }

  /** Writes the manifests into `outdir`. */
  override synth(): void {
    if (this.ordering.tool === 'argoCd') {
      super.synth();
      return;
    }
    const files = stageFiles(this, new Stages(MeshOrder.of(this).controlPlanesOf(this)));
    clearStages(this);
    for (const { stage, name, manifests } of files) writeFile(this, stage.folder, name, manifests);
    if (this.ordering.tool === 'flux') {
      const stages = [...new Set(files.map(({ stage }) => stage))];
      const kustomizations = fluxKustomizations(stages, this.outdir, this.ordering.fluxOptions);
      writeFile(this, FLUX_FOLDER, 'kustomizations', kustomizations);
    }
  }

  private objects(): readonly ApiObject[] {
    return this.node.findAll().filter((one): one is ApiObject => one instanceof ApiObject);
  }
}

function problems({ outdir }: App, { ordering, yamlOutputType }: Partial<OrderedAppProps>): string[] {
  // Types already prevent this. The check is for programs in plain JavaScript.
  if (!ordering) return ['ordering is missing: write Ordering.argoCd(), Ordering.flux() or Ordering.kubectl()'];
  if (ordering.tool === 'argoCd') return [];
  return [
    ...(yamlOutputType === undefined
      ? []
      : [
          `yamlOutputType ${YamlOutputType[yamlOutputType]} divides the manifests in another way than Ordering.${ordering.tool}(), which writes a folder for each stage: leave it out`,
        ]),
    ...(ordering.tool === 'flux'
      ? [...fluxProblems(ordering.fluxOptions), ...fluxPathProblem(outdir, ordering.fluxOptions)]
      : []),
  ];
}
