import {
  OutboundTrafficPolicyMode,
  ReadinessProbe,
  Resolution,
  ServerTls,
  ServiceLocation,
  type EgressHost,
  type EgressListener,
  type GatewayProps,
  type GatewayServer,
  type IngressListener,
  type IngressTls,
  type ServiceEndpoint,
  type ServiceEntryProps,
  type SidecarProps,
  type WorkloadEntryProps,
  type WorkloadGroupProps,
} from 'istio-module';
import { Duration } from 'cdk8s';
import { Fields } from './fields';
import { inboundPool } from './typed-destinations';

export function gatewayProps(spec: Fields, namespace: string): GatewayProps {
  return { namespace, selector: spec.map('selector') ?? {}, servers: spec.list('servers').map(server) };
}

function server(fields: Fields): GatewayServer {
  const port = fields.of('port');
  const tls = fields.of('tls');
  const redirect = tls?.flag('httpsRedirect');
  return {
    port: port?.number('number') ?? 0,
    name: port?.text('name'),
    protocol: port?.text('protocol') ?? '',
    hosts: fields.texts('hosts') ?? [],
    bind: fields.text('bind'),
    ...(tls && redirect !== true ? { tls: serverTls(tls) } : { httpsRedirect: redirect }),
  } as GatewayServer;
}

function serverTls(fields: Fields): ServerTls {
  const names = fields.texts('credentialNames');
  const files = fields.each('tlsCertificates', certificateFiles);
  const options = {
    credentialName: names?.length === 2 ? names : (names?.[0] ?? fields.text('credentialName')),
    files:
      files ?? (fields.has('privateKey') || fields.has('serverCertificate') ? certificateFiles(fields) : undefined),
    caCertificates: fields.text('caCertificates'),
    caCrl: fields.text('caCrl'),
    caCertCredentialName: fields.text('caCertCredentialName'),
    subjectAltNames: fields.texts('subjectAltNames'),
    verifyCertificateSpki: fields.texts('verifyCertificateSpki'),
    verifyCertificateHash: fields.texts('verifyCertificateHash'),
    minProtocolVersion: fields.text('minProtocolVersion'),
    maxProtocolVersion: fields.text('maxProtocolVersion'),
    cipherSuites: fields.texts('cipherSuites'),
  };
  switch (fields.text('mode')) {
    case 'SIMPLE':
      return ServerTls.simple(options as Parameters<typeof ServerTls.simple>[0]);
    case 'MUTUAL':
      return ServerTls.mutual(options as Parameters<typeof ServerTls.mutual>[0]);
    case 'OPTIONAL_MUTUAL':
      return ServerTls.optionalMutual(options as Parameters<typeof ServerTls.optionalMutual>[0]);
    case 'ISTIO_MUTUAL':
      return ServerTls.istioMutual(options as Parameters<typeof ServerTls.istioMutual>[0]);
    case 'AUTO_PASSTHROUGH':
      return ServerTls.AUTO_PASSTHROUGH;
    default:
      return ServerTls.PASSTHROUGH;
  }
}

function certificateFiles(fields: Fields) {
  return { serverCertificate: fields.text('serverCertificate') ?? '', privateKey: fields.text('privateKey') ?? '' };
}

export function serviceEntryProps(spec: Fields, namespace: string): ServiceEntryProps {
  return {
    namespace,
    hosts: spec.texts('hosts') ?? [],
    ports: spec.each('ports', (port) => ({
      number: port.number('number') ?? 0,
      protocol: port.text('protocol'),
      name: port.text('name') ?? '',
      targetPort: port.number('targetPort'),
    })),
    resolution: resolution(spec),
    location: spec.text('location') === 'MESH_INTERNAL' ? ServiceLocation.MESH_INTERNAL : ServiceLocation.MESH_EXTERNAL,
    addresses: spec.texts('addresses'),
    subjectAltNames: spec.texts('subjectAltNames'),
    exportTo: spec.texts('exportTo'),
  };
}

function resolution(spec: Fields): Resolution {
  const endpoints = spec.list('endpoints').map(endpoint);
  const workload = spec.of('workloadSelector')?.map('labels');
  switch (spec.text('resolution')) {
    case 'STATIC':
      return workload ? Resolution.workloads(workload) : Resolution.static(...endpoints);
    case 'DNS':
      return workload ? Resolution.dnsWorkloads(workload) : Resolution.dns(...endpoints);
    case 'DNS_ROUND_ROBIN':
      return Resolution.dnsRoundRobin(endpoints[0]);
    case 'DYNAMIC_DNS':
      return Resolution.DYNAMIC_DNS;
    default:
      return Resolution.NONE;
  }
}

function endpoint(fields: Fields): ServiceEndpoint {
  return {
    address: fields.text('address'),
    ports: fields.open('ports') as ServiceEndpoint['ports'],
    labels: fields.map('labels'),
    locality: fields.text('locality'),
    weight: fields.number('weight'),
    network: fields.text('network'),
    serviceAccount: fields.text('serviceAccount'),
  };
}

export function workloadEntryProps(spec: Fields, namespace: string): WorkloadEntryProps {
  return { namespace, ...endpoint(spec) };
}

export function workloadGroupProps(spec: Fields, namespace: string): WorkloadGroupProps {
  const template = endpoint(spec.of('template') ?? new Fields({}));
  const metadata = spec.of('metadata');
  return {
    namespace,
    template,
    labels: metadata?.map('labels'),
    annotations: metadata?.map('annotations'),
    probe: spec.with('probe', probe),
  };
}

function probe(fields: Fields): ReadinessProbe {
  const seconds = (name: string) => (fields.has(name) ? Duration.seconds(fields.number(name) ?? 0) : undefined);
  const options = {
    initialDelay: seconds('initialDelaySeconds'),
    period: seconds('periodSeconds'),
    timeout: seconds('timeoutSeconds'),
    successThreshold: fields.number('successThreshold'),
    failureThreshold: fields.number('failureThreshold'),
  };
  const http = fields.of('httpGet');
  if (http) {
    return ReadinessProbe.httpGet(http.number('port') ?? 0, {
      ...options,
      path: http.text('path'),
      host: http.text('host'),
      scheme: http.text('scheme'),
      headers: http.has('httpHeaders')
        ? Object.fromEntries(http.list('httpHeaders').map((one) => [one.text('name') ?? '', one.text('value') ?? '']))
        : undefined,
    });
  }
  const tcp = fields.of('tcpSocket');
  if (tcp) return ReadinessProbe.tcpSocket(tcp.number('port') ?? 0, options);
  return ReadinessProbe.exec((fields.of('exec')?.texts('command') ?? []) as unknown as [string], options);
}

export function sidecarProps(spec: Fields, namespace: string): SidecarProps {
  const egress = spec.list('egress');
  const everywhere =
    egress.at(-1)?.has('port') === false && egress.at(-1)?.has('bind') === false ? egress.at(-1) : undefined;
  const listeners = egress.filter((one) => one !== everywhere);
  const outbound = spec.of('outboundTrafficPolicy');
  return {
    namespace,
    workload: spec.of('workloadSelector')?.map('labels'),
    egress:
      egress.length > 0 || outbound
        ? {
            hosts: everywhere?.texts<EgressHost & string>('hosts'),
            captureMode: everywhere?.text('captureMode'),
            listeners: listeners.length > 0 ? listeners.map(egressListener) : undefined,
            outboundTrafficPolicy: outbound && {
              mode:
                outbound.text('mode') === 'ALLOW_ANY'
                  ? OutboundTrafficPolicyMode.ALLOW_ANY
                  : OutboundTrafficPolicyMode.REGISTRY_ONLY,
              egressProxy: outbound.with('egressProxy', (proxy) => ({
                host: proxy.text('host') ?? '',
                port: proxy.of('port')?.number('number') ?? 0,
                subset: proxy.text('subset'),
              })),
            },
          }
        : undefined,
    ingress: spec.each('ingress', ingressListener),
    inboundConnectionPool: spec.with('inboundConnectionPool', inboundPool),
  };
}

function listener(fields: Fields) {
  const port = fields.of('port');
  return {
    port: { number: port?.number('number'), protocol: port?.text('protocol'), name: port?.text('name') },
    bind: fields.text('bind'),
    captureMode: fields.text('captureMode'),
  };
}

function egressListener(fields: Fields): EgressListener {
  return { ...listener(fields), hosts: fields.texts('hosts') ?? [] } as EgressListener;
}

function ingressListener(fields: Fields): IngressListener {
  return {
    ...listener(fields),
    defaultEndpoint: fields.text('defaultEndpoint'),
    tls: fields.with('tls', (tls): IngressTls => ({
      mode: tls.text('mode') ?? 'SIMPLE',
      serverCertificate: tls.text('serverCertificate') ?? '',
      privateKey: tls.text('privateKey') ?? '',
      caCertificates: tls.text('caCertificates'),
    })),
    connectionPool: fields.with('connectionPool', inboundPool),
  } as IngressListener;
}
