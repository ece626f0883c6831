import { Helm, JsonPatch, type ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { withoutNamespace } from '../cluster-scoped';
import { constructError } from '../construct-error';
import { chartReference, type IstioChartName, type IstioCharts } from './istio-charts';
import type { HelmValues } from './istio-values';

/** A chart of Istio to render. */
export interface ChartRendering {
  readonly charts: IstioCharts;
  readonly chart: IstioChartName;
  readonly version: string;
  readonly releaseName: string;
  readonly namespace: string;
  readonly values: HelmValues;
  readonly helmExecutable?: string;
}

/**
 * Renders a chart below a construct, without the fields that istiod fills in at run time.
 *
 * @throws Error that says in one sentence what to do, if Helm or the chart is missing, or the chart does not accept the
 * values
 */
export function renderChart(module: Construct, id: string, rendering: ChartRendering): Helm {
  const { charts, chart: name, version, releaseName, namespace, values, helmExecutable } = rendering;
  try {
    const helm = new Helm(module, id, {
      ...chartReference(charts, name, version),
      releaseName,
      namespace,
      values: { ...values },
      helmFlags: ['--include-crds'],
      helmExecutable,
    });
    for (const object of helm.apiObjects) {
      withoutNamespace(object);
      withoutRuntimeFields(object);
      withStringQuantities(object);
    }
    return helm;
  } catch (error) {
    throw constructError(module, explain(error instanceof Error ? error.message : String(error), rendering));
  }
}

function withoutRuntimeFields(object: ApiObject): void {
  if (object.kind !== 'MutatingWebhookConfiguration' && object.kind !== 'ValidatingWebhookConfiguration') return;
  const { webhooks = [] } = object.toJson() as { webhooks?: { clientConfig?: object; failurePolicy?: string }[] };
  webhooks.forEach(({ clientConfig = {}, failurePolicy }, index) => {
    const at = `/webhooks/${String(index)}`;
    if ('caBundle' in clientConfig) object.addJsonPatch(JsonPatch.remove(`${at}/clientConfig/caBundle`));
    if (failurePolicy !== undefined) object.addJsonPatch(JsonPatch.remove(`${at}/failurePolicy`));
  });
}

/** The charts print quantities without quotes, so `'1'` becomes a number. */
function withStringQuantities(object: ApiObject): void {
  if (object.kind !== 'Deployment' && object.kind !== 'DaemonSet') return;
  const { spec } = object.toJson() as { spec?: { template?: { spec?: { containers?: Container[] } } } };
  spec?.template?.spec?.containers?.forEach(({ resources = {} }, index) => {
    for (const [group, quantities] of Object.entries(resources)) {
      for (const [name, quantity] of Object.entries(quantities ?? {})) {
        if (typeof quantity !== 'number') continue;
        const at = `/spec/template/spec/containers/${String(index)}/resources/${group}/${name}`;
        object.addJsonPatch(JsonPatch.replace(at, String(quantity)));
      }
    }
  });
}

const ELSEWHERE = 'set the prop charts to IstioCharts.directory(PATH) or IstioCharts.oci(URL)';

interface Container {
  readonly resources?: Readonly<Record<string, Readonly<Record<string, unknown>> | null>>;
}

/**
 * Converts the error message of cdk8s' Helm to one that says what to do. The message is cdk8s' own if helm does not
 * run, otherwise helm's standard error.
 */
function explain(message: string, { charts, chart, version, helmExecutable }: ChartRendering): string {
  const words = message
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^(WARNING|level=|Pulled:|Digest:|Use --debug)/.test(line))
    .join(' ')
    .replace(/^Error: /, '');
  if (message.startsWith('unable to execute')) {
    return helmExecutable === undefined
      ? 'helm is not on the PATH; install Helm 3 (https://helm.sh) or set the prop helmExecutable'
      : `helmExecutable '${helmExecutable}' does not exist; install Helm 3 (https://helm.sh) there or change the prop`;
  }
  if (message.startsWith('error while rendering')) {
    return `${helmExecutable ?? 'helm'} could not be run (${words}); check that it is Helm 3 (https://helm.sh) and executable`;
  }
  if (message.startsWith('IstioCharts.')) return message;
  if (/template:|values don't meet|parse error|execution error|YAML parse/.test(message)) {
    return `chart ${chart} of Istio ${version} does not accept these values (${words}); change the props, or values.${chart}`;
  }
  if (charts.source === 'directory') {
    return `chart ${chart} in '${charts.path}' could not be rendered (${words}); put the charts of Istio ${version} there`;
  }
  if (/\bnot found( in \S+ repository)?$/.test(words)) {
    return `chart ${chart} of Istio ${version} is not found at ${charts.url}; check the version, or ${ELSEWHERE}`;
  }
  return `chart ${chart} of Istio ${version} could not be fetched from ${charts.url} (${words}); check the network, or ${ELSEWHERE}`;
}
