import { JsonPatch, type Chart } from 'cdk8s';
import {
  RestarterMode,
  SidecarRestarter,
  type IstioModule,
  type IstioModuleProps,
  type SidecarRestarterProps,
} from 'istio-module';
import { emptyChart, fakeModule, named, synthesized, type Manifest } from '../synthesis';

export const image = 'registry.example.com/istio-module:0.1.0';

export interface Options {
  readonly props?: Partial<SidecarRestarterProps>;
  readonly module?: Partial<IstioModuleProps>;
  readonly also?: (chart: Chart) => unknown;
}

/** A mesh with a restarter, synthesized. */
export function mesh({ props = {}, module = {}, also }: Options = {}): { chart: Chart; restarter: SidecarRestarter } {
  const chart = emptyChart();
  const istio = repeatable(fakeModule(chart, module));
  const restarter = new SidecarRestarter(chart, 'restarter', {
    ...{ istio, image, mode: RestarterMode.afterSync() },
    ...props,
  });
  also?.(chart);
  return { chart, restarter };
}

/** Removes the arguments that only the fake helm records, with the name of the file that it reads the values from. */
export function repeatable(istio: IstioModule): IstioModule {
  for (const object of istio.istiod.apiObjects) {
    if (object.name.startsWith('fake-')) object.addJsonPatch(JsonPatch.remove('/data/args'));
  }
  return istio;
}

export const objects = (options?: Options): Manifest[] => synthesized(mesh(options).chart);
export const jobOf = (manifests: readonly Manifest[]): Manifest => {
  const [job, ...others] = manifests.filter(({ kind }) => kind === 'Job');
  if (!job || others.length > 0) throw new Error('not one Job');
  return job;
};
export const jobName = (options?: Options): string => jobOf(objects(options)).metadata.name;
export const cronJob = (mode: RestarterMode): Manifest =>
  named(objects({ props: { mode } }), 'CronJob/istio-system/restarter');

interface JobSpec {
  readonly template: {
    readonly metadata: object;
    readonly spec: { readonly containers: readonly { args: string[] }[] };
  };
}
export const podOf = (job: Manifest) => (job.spec as unknown as JobSpec).template;
export const argsOf = (options: Partial<SidecarRestarterProps>) =>
  podOf(jobOf(objects({ props: options }))).spec.containers[0]?.args;
