import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type KubeClient, type ObjectReference, until } from '../control-plane/kube-client';
import { Certificates } from '../engine/cluster/certificates';

export interface AdmittedContainer {
  readonly name: string;
  image: string;
  env?: { readonly name: string; readonly value?: string; readonly valueFrom?: object }[];
  resources?: { readonly requests?: Quantities; readonly limits?: Quantities };
  volumeMounts?: { readonly name: string; readonly mountPath: string }[];
  ports?: { readonly containerPort: number }[];
}

type Quantities = Readonly<Record<string, string>>;

/** A pod as an admission webhook receives it. */
export interface AdmittedPod {
  readonly metadata: {
    readonly name?: string;
    readonly generateName?: string;
    readonly ownerReferences?: readonly { readonly kind: string; readonly name: string; readonly uid: string }[];
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
  readonly spec: {
    containers: AdmittedContainer[];
    initContainers?: AdmittedContainer[];
    volumes?: { readonly name: string; readonly emptyDir?: object }[];
  };
}

/** Changes the pod in place; the second argument is the user's name. */
export type Mutation = (pod: AdmittedPod, requester: string) => void;

interface Review {
  readonly request: {
    readonly uid: string;
    readonly userInfo: { readonly username: string };
    readonly object: AdmittedPod;
  };
}

const KIND = { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'MutatingWebhookConfiguration' };

/** Admission webhooks of third parties for new pods. They really serve, on a port of the loopback interface. */
export class AdmissionWebhooks {
  static async start(client: KubeClient): Promise<AdmissionWebhooks> {
    const certificates = new Certificates();
    const authority = certificates.authority('authority');
    const { cert, key } = certificates.server('webhooks', authority, ['IP:127.0.0.1']);
    const webhooks = new AdmissionWebhooks(client, certificates, readFileSync(authority.certFile).toString('base64'), {
      cert,
      key,
    });
    await new Promise<void>((resolve) => webhooks.server.listen(0, '127.0.0.1', resolve));
    return webhooks;
  }

  private readonly server: Server;
  private readonly mutations = new Map<string, Mutation>();
  private readonly calls = new Map<string, number>();

  private constructor(
    private readonly client: KubeClient,
    private readonly certificates: Certificates,
    private readonly caBundle: string,
    certified: { readonly cert: string; readonly key: string },
  ) {
    this.server = createServer(certified, (request, response) => {
      void bodyOf(request).then((body) => {
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify(this.answer((request.url ?? '').slice(1).split('?')[0] ?? '', body)));
      });
    });
  }

  /**
   * Registers a webhook, and waits until the API server calls it. Webhooks are called in the order of their names:
   * Istio's begins with `istio`.
   *
   * @param namespaces the only namespaces whose pods the webhook receives or, with `except`, the only ones whose pods
   *   it does not receive
   */
  async add(
    name: string,
    namespaces: readonly string[] | { readonly except: readonly string[] },
    mutate: Mutation,
  ): Promise<void> {
    const [operator, values] = 'except' in namespaces ? ['NotIn', namespaces.except] : ['In', namespaces];
    const { port } = this.server.address() as AddressInfo;
    this.mutations.set(name, mutate);
    const webhook = {
      name: `${name}.example.com`,
      admissionReviewVersions: ['v1'],
      sideEffects: 'None',
      failurePolicy: 'Fail',
      reinvocationPolicy: 'Never',
      clientConfig: { url: `https://127.0.0.1:${String(port)}/${name}`, caBundle: this.caBundle },
      rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'], scope: '*' }],
      namespaceSelector: { matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator, values }] },
    };
    await this.client.apply({ ...KIND, metadata: { name }, webhooks: [webhook] } as ObjectReference);
    await this.until(name, true, 'except' in namespaces ? 'default' : (namespaces[0] ?? ''));
  }

  /** Removes all webhooks, and waits until the API server no longer calls them. */
  async removeAll(): Promise<void> {
    for (const name of this.mutations.keys()) {
      await this.client.delete({ ...KIND, metadata: { name } });
    }
    for (const name of this.mutations.keys()) {
      await this.until(name, false, 'default');
    }
    this.mutations.clear();
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
    this.certificates.remove();
  }

  private async until(name: string, isCalled: boolean, namespace: string): Promise<void> {
    const spec = { containers: [{ name: 'app', image: 'registry.k8s.io/pause:3.10' }] };
    await until(
      async () => {
        const before = this.calls.get(name);
        await this.client.raw('POST', `/api/v1/namespaces/${namespace}/pods?dryRun=All`, {
          ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'any' }, spec },
        });
        return (this.calls.get(name) !== before) === isCalled;
      },
      `webhook ${name} ${isCalled ? '' : 'no longer '}being called`,
    );
  }

  private answer(name: string, body: string): object {
    const { request } = JSON.parse(body) as Review;
    this.calls.set(name, (this.calls.get(name) ?? 0) + 1);
    const pod = structuredClone(request.object);
    this.mutations.get(name)?.(pod, request.userInfo.username);
    const patch = [
      { op: 'replace', path: '/spec', value: pod.spec },
      { op: 'add', path: '/metadata/labels', value: pod.metadata.labels ?? {} },
      { op: 'add', path: '/metadata/annotations', value: pod.metadata.annotations ?? {} },
    ];
    return {
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      response: {
        uid: request.uid,
        allowed: true,
        patchType: 'JSONPatch',
        patch: Buffer.from(JSON.stringify(patch)).toString('base64'),
      },
    };
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString();
}

/** All containers of a pod, including init containers. */
export function containersOf({ spec }: AdmittedPod): AdmittedContainer[] {
  return [...(spec.initContainers ?? []), ...spec.containers];
}

/** The pod's sidecar; undefined if it has none. */
export function proxyOf(pod: AdmittedPod): AdmittedContainer | undefined {
  return containersOf(pod).find(({ name }) => name === 'istio-proxy');
}
