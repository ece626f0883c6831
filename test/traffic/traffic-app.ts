import { SidecarSettings, type SidecarSettingsOptions } from 'istio-module';
import type { ObjectReference } from '../control-plane/kube-client';
import { trafficAppImage } from '../control-plane/real-node/node-images';
import { realNodePlacement } from '../control-plane/real-node/placement';

/** The port on which a test speaks to a pod; no proxy stands before it. */
const controlPort = 9000;

/** The port of the application, and that of its Service. */
export const appPort = 8080;
export const servicePort = 80;

/** The ports of the application for gRPC and for plain TCP, which its Services have under the same numbers. */
export const grpcPort = 8082;
export const tcpPort = 8083;

/** A second port of the application, which its Services have under the same number. */
export const secondPort = 8081;

export interface AppOptions {
  readonly name: string;
  readonly namespace: string;
  /** @default - the name alone */
  readonly labels?: Readonly<Record<string, string>>;
  /** Settings of its pods' sidecars, except for the inbound ports that are excluded. @default - those of the mesh */
  readonly sidecar?: SidecarSettingsOptions;
  /** What its answers name as `version`, and its pods as a label. */
  readonly version?: string;
  /** The status of every answer, as of a broken pod. */
  readonly status?: number;
  /**
   * Seconds until it serves, and its readiness says so.
   *
   * @default 0
   */
  readonly startsAfterSeconds?: number;
  /**
   * URLs of other applications, which it asks one after the other before it answers.
   *
   * @default - none
   */
  readonly calls?: readonly string[];
  /** @default 1 */
  readonly replicas?: number;
  /**
   * Whether the pod gets no sidecar, whatever its namespace says.
   *
   * @default false
   */
  readonly bare?: boolean;
  /**
   * Seconds for which a pod still serves after it is to end, so that clients can learn of it.
   *
   * @default - none
   */
  readonly servesOnSeconds?: number;
  /**
   * Seconds that a pod has to end.
   *
   * @default - Kubernetes' 30
   */
  readonly graceSeconds?: number;
}

/** A Deployment of the traffic application, with a ServiceAccount of its name. */
export function appDeployment(options: AppOptions): ObjectReference[] {
  const { name, namespace, version = '', status, calls, replicas = 1, bare = false } = options;
  const { servesOnSeconds, graceSeconds, startsAfterSeconds } = options;
  const labels = { app: name, ...options.labels, ...(version === '' ? {} : { version }) };
  const sidecar = new SidecarSettings({ ...options.sidecar, excludeInboundPorts: [controlPort] }).metadata({ labels });
  const metadata = bare ? { ...sidecar, labels: { ...labels, 'sidecar.istio.io/inject': 'false' } } : sidecar;
  const ports = `${String(appPort)},${String(secondPort)}`;
  const starting = startsAfterSeconds === undefined ? undefined : `${String(startsAfterSeconds)}s`;
  const environment = {
    ...{ VERSION: version, PORTS: ports, STATUS: status, CALLS: calls?.join(','), STARTS_AFTER: starting },
  };
  const env = Object.entries(environment)
    .filter(([, value]) => value !== undefined)
    .map(([variable, value]) => ({ name: variable, value: String(value) }));
  const deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: {
        metadata,
        spec: {
          ...realNodePlacement,
          serviceAccountName: name,
          ...(graceSeconds === undefined ? {} : { terminationGracePeriodSeconds: graceSeconds }),
          containers: [
            {
              name: 'app',
              image: trafficAppImage,
              imagePullPolicy: 'Never',
              env,
              ports: [appPort, secondPort, grpcPort, tcpPort, controlPort].map((containerPort) => ({ containerPort })),
              readinessProbe: { httpGet: { path: '/ready', port: controlPort }, periodSeconds: 1, timeoutSeconds: 10 },
              ...(servesOnSeconds === undefined
                ? {}
                : { lifecycle: { preStop: { sleep: { seconds: servesOnSeconds } } } }),
            },
          ],
        },
      },
    },
  };
  return [{ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } }, deployment];
}

/** The Deployment as one that no restart touches; another object as it is. */
export function withoutRestarts(object: ObjectReference): ObjectReference {
  const annotations = { 'istio-module/restart': 'disabled' };
  return object.kind === 'Deployment' ? { ...object, metadata: { ...object.metadata, ...{ annotations } } } : object;
}

/** A Service for the pods with these labels. */
export function appService(
  name: string,
  namespace: string,
  selector: Readonly<Record<string, string>> = { app: name },
  headless = false,
): ObjectReference {
  const ports = [
    { name: 'http', port: headless ? appPort : servicePort, targetPort: appPort },
    { name: 'http-second', port: secondPort, targetPort: secondPort },
    { name: 'grpc', port: grpcPort, targetPort: grpcPort },
    { name: 'tcp', port: tcpPort, targetPort: tcpPort },
  ];
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace },
    spec: { selector, ports, ...(headless ? { clusterIP: 'None' } : {}) },
  };
  return service;
}

export interface Sending {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** How many requests. @default 1 */
  readonly count?: number;
  /** How many of them are on their way at once. @default 1 */
  readonly concurrency?: number;
}

/** What came back for one request. */
export interface Answer {
  /** 0 where there was no answer, but an error. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly error?: string;
  readonly millis: number;
  /** The request as the application saw it, where it was the application that answered. */
  readonly app?: SeenRequest;
}

/** The answer as the application sends it, in which a map without entries is null. */
type SentAnswer = Omit<Answer, 'app' | 'headers'> & { readonly headers: Answer['headers'] | null };

/** A request as the application saw it. */
export interface SeenRequest {
  readonly version: string;
  readonly pod: string;
  readonly port: string;
  readonly method: string;
  readonly host: string;
  readonly path: string;
  /** By names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Requests at a constant rate, whatever becomes of them. */
export interface LoadOrder {
  /** A URL, or host and port of a gRPC service. */
  readonly url: string;
  /** Streams end by themselves after a second. @default 'http' */
  readonly kind?: 'http' | 'grpc' | 'grpc-stream';
  readonly perSecond: number;
  /** @default 'GET' */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether connections are used again; those of gRPC always are. @default false */
  readonly keepAlive?: boolean;
}

/** What became of the requests of a load. */
export interface LoadReport {
  readonly total: number;
  readonly failed: number;
  readonly failures: Readonly<Record<string, number>>;
  /** By the second in which requests were due, since 1970. */
  readonly seconds: Readonly<Record<string, LoadSecond>>;
}

/** The requests that were due in one second. */
export interface LoadSecond {
  readonly failures?: Readonly<Record<string, number>>;
  /** How many answers took how many milliseconds, from when the request was due. */
  readonly millis: Readonly<Record<string, number>>;
}

/** A connection or stream that a pod opens, holds, and ends by itself. */
export interface StreamOrder {
  readonly kind: 'grpc' | 'websocket' | 'tcp';
  /** Host and port. */
  readonly target: string;
  readonly seconds: number;
}

/** What came of a stream: ten messages a second where nothing was lost. */
export interface StreamResult {
  readonly messages: number;
  readonly error?: string;
}

/** A pod of the traffic application: it sends requests on request, and says what it received. */
export class TrafficPod {
  constructor(readonly address: string) {}

  async send(url: string, sending: Sending = {}): Promise<Answer[]> {
    const answers = await this.control<SentAnswer[]>('POST', '/send', { url, ...sending });
    return answers.map((answer) => ({
      ...answer,
      headers: answer.headers ?? {},
      ...(answer.headers?.['x-app'] === 'traffic-app' ? { app: JSON.parse(answer.body) as SeenRequest } : {}),
    }));
  }

  /** How often each path was asked for, and how many spans of each service arrived. */
  async received(): Promise<{ paths: Record<string, number>; spans: Record<string, number> }> {
    const { paths, spans } = await this.control<Record<'paths' | 'spans', Record<string, number> | null>>(
      'GET',
      '/received',
    );
    return { paths: paths ?? {}, spans: spans ?? {} };
  }

  /** Opens a stream, and waits until it ends. */
  stream(order: StreamOrder): Promise<StreamResult> {
    return this.control<StreamResult>('POST', '/stream', order);
  }

  /**
   * Starts to send requests.
   *
   * @param name distinguishes loads of one pod
   */
  async startLoad(order: LoadOrder, name = ''): Promise<void> {
    await this.control('POST', `/load?name=${name}`, order);
  }

  /** Ends the requests, and says what became of them. */
  stopLoad(name = ''): Promise<LoadReport> {
    return this.control<LoadReport>('DELETE', `/load?name=${name}`);
  }

  private async control<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await fetch(`http://${this.address}:${String(controlPort)}${path}`, {
      method,
      body: body === undefined ? null : JSON.stringify(body),
      // Pods come and go, and their addresses are given again.
      headers: { connection: 'close' },
      signal: AbortSignal.timeout(60_000),
    });
    const text = await response.text();
    if (!response.ok) {
      throw new Error(`${method} ${path} of the pod at ${this.address}: ${String(response.status)} ${text}`);
    }
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }
}
