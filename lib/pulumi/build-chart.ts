import * as pulumi from '@pulumi/pulumi';
import { App, type Chart } from 'cdk8s';
import { chartError } from './chart-error';
import { explained } from './chart-outputs';
import { deployedChart, type DeployedChart } from './deployed-chart';

/** A function that builds a chart from the values of `inputs`. */
export type ChartFunction<T extends pulumi.Inputs> = (app: App, inputs: pulumi.Unwrap<T>) => Chart | Promise<Chart>;

/** A chart, or a promise of one; `undefined` in a preview if the chart depends on values that only the update knows. */
export type BuiltChart = DeployedChart | Promise<DeployedChart | undefined>;

/** @throws Error if the chart is invalid; if the result is a promise, it is rejected instead */
export function buildChart<T extends pulumi.Inputs>(
  chart: Chart | ChartFunction<T>,
  inputs: T | undefined,
): BuiltChart {
  if (typeof chart !== 'function') {
    return deployedChart(chart);
  }
  return inputs === undefined ? called(chart, {} as pulumi.Unwrap<T>) : calledWith(chart, inputs);
}

/** The result of `follow`, or a promise of it; `otherwise` if the chart is not known. */
export function whenBuilt<R>(
  chart: BuiltChart,
  follow: (chart: DeployedChart) => R,
  otherwise: () => R,
): R | Promise<R> {
  return chart instanceof Promise
    ? chart.then((built) => (built === undefined ? otherwise() : follow(built)))
    : follow(chart);
}

/** Like {@link whenBuilt}, as the input of a resource. */
export function inputOf<R>(chart: BuiltChart, follow: (chart: DeployedChart) => R): pulumi.Input<R> {
  return whenBuilt<unknown>(chart, follow, () => pulumi.unknown) as pulumi.Input<R>;
}

function called<T extends pulumi.Inputs>(
  build: ChartFunction<T>,
  values: pulumi.Unwrap<T>,
): DeployedChart | Promise<DeployedChart> {
  const chart = builtBy(() => build(new App(), values));
  return chart instanceof Promise
    ? chart.then(deployedChart, (error: unknown) => {
        throw explained(error);
      })
    : deployedChart(chart);
}

function builtBy<R>(build: () => R): R {
  try {
    return build();
  } catch (error) {
    throw explained(error);
  }
}

async function calledWith<T extends pulumi.Inputs>(
  build: ChartFunction<T>,
  inputs: T,
): Promise<DeployedChart | undefined> {
  // Uses Pulumi's own marker for a value that only the update knows.
  const output = pulumi.output(inputs) as unknown as {
    readonly isKnown: Promise<boolean>;
    promise(): Promise<pulumi.Unwrap<T>>;
  };
  if (await output.isKnown) {
    return called(build, await output.promise());
  }
  if (!pulumi.runtime.isDryRun()) {
    // A chart without objects would make this update delete all objects of the previous update.
    throw chartError(
      'The chart of a MeshDeployment was not built: some of its inputs have no value, because the resource that provides them failed; fix that resource first.',
    );
  }
  return undefined;
}
