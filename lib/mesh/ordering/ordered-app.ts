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
  /** The tool that applies the manifests, which determines how they are ordered. */
  readonly ordering: Ordering;
}

/**
 * A cdk8s App whose manifests the tool in `ordering` can apply to a cluster without Istio. No object is applied before
 * the objects that it needs are ready. No request is lost, because mutual TLS becomes STRICT last, together with
 * policies that decide by the identities of clients. Use it instead of `App`. It orders all objects of the app,
 * including plain ApiObjects; see `InstallationStage` for the order.
 *
 * For Flux and kubectl, `synth` replaces the manifests in the folder of each stage.
 */
export class OrderedApp extends App {
  /** The tool that applies the manifests. */
  readonly ordering: Ordering;

  /** @throws Error that lists all invalid props */
  constructor(props: OrderedAppProps) {
    super(props);
    this.ordering = props.ordering;
    throwProblems(this, problems(this, props));
    const order = MeshOrder.of(this);
    if (this.ordering.tool === 'argoCd') {
      const waves = new SyncWaves();
      // Everything that prints manifests validates the app first.
      this.node.addValidation({
        validate: () => {
          const objects = this.objects();
          waves.annotate(objects, new Stages(order.controlPlanesOf(this), objects));
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
    const files = stageFiles(this, new Stages(MeshOrder.of(this).controlPlanesOf(this), this.objects()));
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
          `yamlOutputType ${YamlOutputType[yamlOutputType]} conflicts with Ordering.${ordering.tool}(), which writes a folder for each stage: leave it out`,
        ]),
    ...(ordering.tool === 'flux'
      ? [...fluxProblems(ordering.fluxOptions), ...fluxPathProblem(outdir, ordering.fluxOptions)]
      : []),
  ];
}
