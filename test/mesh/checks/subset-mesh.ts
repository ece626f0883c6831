import type { Chart } from 'cdk8s';
import { ExistingIstio } from 'istio-module';
import { warningsOf } from '../warnings-of';
import { plain, problemsOf } from './problems-of';

/** A Service in the namespace `shop`. */
export const HOST = 'reviews.shop.svc.cluster.local';

/** What is said if the root namespace of the mesh is known only from this chart. */
export const saidAlone = (fill: (chart: Chart) => void) => {
  let problems: string[] = [];
  const warnings = warningsOf(() => {
    problems = problemsOf(fill);
  });
  return [...problems, ...warnings];
};

/** What is said in a mesh with the root namespace `istio-system`. */
export const said = (fill: (chart: Chart) => void) =>
  saidAlone((chart) => {
    new ExistingIstio(chart, 'istio');
    fill(chart);
  });

/** A DestinationRule for the host. */
export const rule = (chart: Chart, title: string, spec: object = {}) =>
  plain(chart, 'DestinationRule', title, { host: HOST, ...spec });

/** A VirtualService for the host, with a route to the subset `v1`. */
export const route = (chart: Chart, title: string, spec: object = {}) =>
  plain(chart, 'VirtualService', title, {
    hosts: [HOST],
    http: [{ route: [{ destination: { host: HOST, subset: 'v1' } }] }],
    ...spec,
  });

/** The subset `v1` in a DestinationRule. */
export const V1 = { subsets: [{ name: 'v1', labels: { version: 'v1' } }] };
