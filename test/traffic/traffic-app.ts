import { SidecarSettings } from 'istio-module';
import type { ObjectReference } from '../control-plane/kube-client';
import { trafficAppImage } from '../control-plane/real-node/node-images';
import { realNodePlacement } from '../control-plane/real-node/placement';

/** The port on which a test speaks to a pod; no proxy stands before it. */
const controlPort = 9000;

/** The port of the application, and that of its Service. */
export const appPort = 8080;
export const servicePort = 80;

/** A second port of the application, which its Services have under the same number. */
export const secondPort = 8081;

export interface AppOptions {
  readonly name: string;
  readonly namespace: string;
  /** @default - the name alone */
  readonly labels?: Readonly<Record<string, string>>;
  /** What its answers name as `version`, and its pods as a label. */
  readonly version?: string;
  /** The status of every answer, as of a broken pod. */
  readonly status?: number;
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
  const { name, namespace, version = '', status, replicas = 1, bare = false } = options;
  const { servesOnSeconds, graceSeconds } = options;
  const labels = { app: name, ...options.labels, ...(version === '' ? {} : { version }) };
  const sidecar = new SidecarSettings({ excludeInboundPorts: [controlPort] }).metadata({ labels });
  const metadata = bare ? { ...sidecar, labels: { ...labels, 'sidecar.istio.io/inject': 'false' } } : sidecar;
  const environment = { VERSION: version, PORTS: `${String(appPort)},${String(secondPort)}`, STATUS: status };
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
              ports: [{ containerPort: appPort }, { containerPort: secondPort }, { containerPort: controlPort }],
              readinessProbe: { httpGet: { path: '/ready', port: controlPort }, periodSeconds: 1 },
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

export interface LoadReport {
  readonly total: number;
  readonly failed: number;
  readonly failures: Readonly<Record<string, number>>;
}

/** A pod of the traffic application: it sends requests on request, and says what it received. */
export class TrafficPod {
  constructor(readonly address: string) {}

  async send(url: string, sending: Sending = {}): Promise<Answer[]> {
    const answers = await this.control<Omit<Answer, 'app'>[]>('POST', '/send', { url, ...sending });
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

  /** Starts to send requests at a constant rate, whatever becomes of them. */
  async startLoad(url: string, perSecond: number, keepAlive: boolean, method = 'GET'): Promise<void> {
    await this.control('POST', '/load', { url, perSecond, keepAlive, method });
  }

  /** Ends the requests, and says what became of them. */
  stopLoad(): Promise<LoadReport> {
    return this.control<LoadReport>('DELETE', '/load');
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
