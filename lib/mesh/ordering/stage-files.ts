import { existsSync, mkdirSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ApiObject, Chart, DependencyGraph, Names, Yaml, type App } from 'cdk8s';
import { InstallationStage } from './installation-stage';
import type { Stages } from './stages';

/** Name of the folder with the Kustomizations of Flux. */
export const FLUX_FOLDER = 'flux';

/** The objects of one Chart in one stage. */
export interface StageFile {
  readonly stage: InstallationStage;

  /** Name of the file, without its extension. Files of a stage are applied in the order of their names. */
  readonly name: string;

  readonly manifests: readonly object[];
}

/**
 * The manifests of an app by stage, and in each stage by Chart, in the order of cdk8s.
 *
 * @throws Error if the app is not valid
 */
export function stageFiles(app: App, stages: Stages): readonly StageFile[] {
  const charts = app.node.findAll().filter((one): one is Chart => Chart.isChart(one));
  // This also validates the app, after which the order of its Charts is known.
  const rendered = new Map(charts.map((chart) => [chart, rendering(chart, stages)]));
  const files = app.charts.flatMap((chart, index) => {
    const label = Names.toDnsLabel(chart);
    const name = charts.length > 1 ? `${String(index).padStart(4, '0')}-${label}` : label;
    return InstallationStage.ALL.map((stage) => {
      const objects = (rendered.get(chart) ?? []).filter((object) => object.stage === stage);
      return { stage, name, manifests: objects.map(({ manifest }) => manifest) };
    });
  });
  return InstallationStage.ALL.flatMap((stage) =>
    files.filter((file) => file.stage === stage && file.manifests.length > 0),
  );
}

function rendering(chart: Chart, stages: Stages): readonly { stage: InstallationStage; manifest: object }[] {
  const manifests = chart.toJson() as object[];
  const objects = new DependencyGraph(chart.node)
    .topology()
    .filter((one): one is ApiObject => one instanceof ApiObject && one.chart === chart);
  return objects.flatMap((object, index) => {
    const manifest = manifests[index];
    return manifest ? [{ stage: stages.of(object), manifest }] : [];
  });
}

/** Removes earlier output, because a stage may no longer have objects. */
export function clearStages({ outdir, outputFileExtension }: App): void {
  for (const folder of [...InstallationStage.ALL.map((stage) => stage.folder), FLUX_FOLDER]) {
    const path = join(outdir, folder);
    if (!existsSync(path)) continue;
    for (const file of readdirSync(path)) {
      if (file.endsWith(outputFileExtension)) rmSync(join(path, file));
    }
    if (readdirSync(path).length === 0) rmdirSync(path);
  }
}

/** Writes manifests into a file of the output directory. */
export function writeFile(
  { outdir, outputFileExtension }: App,
  folder: string,
  name: string,
  manifests: readonly object[],
): void {
  mkdirSync(join(outdir, folder), { recursive: true });
  Yaml.save(join(outdir, folder, `${name}${outputFileExtension}`), [...manifests]);
}
