import * as pulumi from '@pulumi/pulumi';
import { ApiObject, App, JsonPatch, Lazy } from 'cdk8s';
import { Destination, TrafficPolicy } from 'istio-module';
import { buildChart } from '../../lib/pulumi/build-chart';
import { chartObjects } from '../../lib/pulumi/chart-objects';
import { emptyChart } from '../mesh/synthesis';

const output = pulumi.output('value');
/** An Output as it compiles in a template string, or with a cast. */
const text = output as unknown as string;
const OUTPUT =
  'holds an Output of Pulumi, whose value is not known when the chart is built; pass it in the inputs of the MeshDeployment, and use the value that the function for its chart receives.';
const PROMISE =
  'holds a Promise, whose value is not known when the chart is built; await it in the function for the chart, which may be async.';

function refusalOf(fields: object, edit: (object: ApiObject) => void = () => undefined): string {
  const chart = emptyChart();
  const object = new ApiObject(chart, 'settings', {
    ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' } },
    ...fields,
  });
  edit(object);
  const { resolvers } = App.of(chart);
  const before = [...resolvers];
  try {
    chartObjects(chart);
    return '';
  } catch (error) {
    return (error as Error).message;
  } finally {
    expect(resolvers).toEqual(before);
  }
}

describe('chartObjects refuses, with the paths of construct and field,', () => {
  test.each<[string, object, string]>([
    ['an Output', { data: { key: output } }, `mesh/settings: data.key ${OUTPUT}`],
    ['an Output within a text', { data: { key: `a-${text}` } }, `mesh/settings: data.key ${OUTPUT}`],
    ['an Output within JSON', { data: { key: JSON.stringify({ output }) } }, `mesh/settings: data.key ${OUTPUT}`],
    ['an Output as a key', { data: { [text]: 'value' } }, `mesh/settings: data ${OUTPUT}`],
    ['an Output of a list', { spec: { hosts: ['a', output] } }, `mesh/settings: spec.hosts[1] ${OUTPUT}`],
    [
      'an Output in an annotation',
      { metadata: { name: 'settings', annotations: { 'example.org/a': output } } },
      `mesh/settings: metadata.annotations['example.org/a'] ${OUTPUT}`,
    ],
    [
      'an Output that a Lazy produces',
      { data: { key: Lazy.any({ produce: () => output }) as unknown } },
      `mesh/settings: data.key ${OUTPUT}`,
    ],
    ['a Promise', { data: { key: Promise.resolve('value') } }, `mesh/settings: data.key ${PROMISE}`],
    [
      'a Promise within a text',
      { data: { key: `a-${Object.prototype.toString.call(Promise.resolve())}` } },
      `mesh/settings: data.key ${PROMISE}`,
    ],
  ])('%s', (_, fields, message) => {
    expect(refusalOf(fields)).toBe(message);
  });

  test('an Output of a patch', () => {
    const patch = (object: ApiObject) => {
      object.addJsonPatch(JsonPatch.add('/data', { key: output }));
    };
    expect(refusalOf({}, patch)).toBe(`mesh/settings: data.key ${OUTPUT}`);
  });

  test('an Output that a check of the chart finds first', () => {
    const chart = emptyChart();
    new TrafficPolicy(chart, 'p', { namespace: 'shop', host: 'web', routes: [{ to: [Destination.host()] }] });
    new ApiObject(chart, 'other', {
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata: { name: 'other', namespace: 'shop' },
      spec: { hosts: ['web'], http: [{ route: [{ destination: { host: output } }] }] },
    });
    expect(() => chartObjects(chart)).toThrow(`mesh/other: spec.http[0].route[0].destination.host ${OUTPUT}`);
  });

  test('no other value, for which the error of cdk8s stays', () => {
    expect(refusalOf({ data: { key: new Date(0) } })).toContain("can't render non-simple object of type 'Date'");
  });
});

describe('an Output that a construct refuses as text', () => {
  const build = () => {
    const chart = emptyChart();
    new TrafficPolicy(chart, 'p', { namespace: 'shop', host: `${text}.example.com`, routes: [{ to: [] }] });
    return chart;
  };
  const MESSAGE =
    /^TrafficPolicy mesh\/p: .*'<Output>\.example\.com'.*<Output> is an Output of Pulumi, whose value is not known when the chart is built; pass it in the inputs of the MeshDeployment/s;

  test('is named by the error of the function for the chart', () => {
    expect(() => buildChart(build, undefined)).toThrow(MESSAGE);
  });

  test('is named by the error of an async function for the chart', async () => {
    await expect(buildChart(() => Promise.resolve().then(build), undefined)).rejects.toThrow(MESSAGE);
  });
});
