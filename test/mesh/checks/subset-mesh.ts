import type { Chart } from 'cdk8s';
import { ExistingIstio } from 'istio-module';
import { messagesOf } from './messages-of';
import { plain } from './problems-of';

/** A Service in the namespace `shop`. */
export const HOST = 'reviews.shop.svc.cluster.local';

/** What is said in a mesh with the root namespace `istio-system`. */
export const said = (fill: (chart: Chart) => void) =>
  messagesOf((chart) => {
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
