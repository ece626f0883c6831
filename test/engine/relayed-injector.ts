import type { Pod } from '../../lib/engine/cluster/objects';
import { IMAGE, injected, type ClusterObject } from './cluster-builder';
import type { PlanningOptions } from './plan-of-cluster';

/** The path of requests to the injector alone. */
export const PROXY_PATH = '/api/v1/namespaces/istio-system/services/https:istiod:443/proxy/inject';

/** The injection webhook for namespaces with the label `istio-injection`, or with another selector. */
export function webhook(fields: object = {}): ClusterObject {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name: 'istio-sidecar-injector', uid: 'uid-webhook' },
    webhooks: [
      {
        name: 'namespace.sidecar-injector.istio.io',
        clientConfig: { service: { namespace: 'istio-system', name: 'istiod', path: '/inject' }, caBundle: 'Q0E=' },
        namespaceSelector: { matchLabels: { 'istio-injection': 'enabled' } },
        ...fields,
      },
    ],
  };
}

/** istiod's answer to an AdmissionReview: the pod of the review as `inject` changes it. */
export function relayed(inject: (asked: Pod) => Pod): NonNullable<PlanningOptions['intercept']> {
  return ({ path, body }) => {
    if (path !== PROXY_PATH) {
      return undefined;
    }
    const { object } = (body as { request: { object: Pod } }).request;
    const patch = [
      { op: 'replace', path: '/spec', value: inject(object).spec },
      { op: 'add', path: '/metadata/annotations', value: inject(object).metadata.annotations },
    ];
    const response = { allowed: true, patch: Buffer.from(JSON.stringify(patch)).toString('base64') };
    return { body: { kind: 'AdmissionReview', response } };
  };
}

export const injectedNow = (asked: Pod) => injected(asked, IMAGE);
