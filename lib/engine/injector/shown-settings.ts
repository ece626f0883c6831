import { own } from '../cluster/own';
import { anyOf, oneOf, SHAPE, type Shape } from './shape';

/** Which parts of a value are shown. Values without a rule are not shown. */
export interface Rule {
  /** Shows a string, number or boolean of this shape. */
  readonly shape?: Shape;
  /** Whether the value is JSON text, to which the rest of the rule applies. */
  readonly isJson?: boolean;
  /** The rules for the fields of an object. */
  readonly fields?: Readonly<Record<string, Rule>>;
  /** The rule for fields that are not in `fields`. */
  readonly others?: Rule;
  /** The rule for an item of a list, which may depend on earlier items. */
  readonly items?: (list: readonly unknown[], index: number) => Rule;
}

const BOOLEAN = of(SHAPE.boolean);
const NUMBER = of(SHAPE.number);
const QUANTITY = of(SHAPE.quantity);
const DURATION = of(SHAPE.duration);
const PLAIN = of(SHAPE.plain);
const PLAIN_LIST = of(SHAPE.plainList);
const NAME = of(SHAPE.objectName);
const HOST = of(SHAPE.host);
const PATH = of(SHAPE.path);
const IMAGE = of(SHAPE.image);
const PORTS = of(SHAPE.ports);
const NETWORKS = of(SHAPE.networks);
const LOG_LEVELS = of(SHAPE.logLevels);
const PORT = of(anyOf(SHAPE.number, SHAPE.plain));
const PULL_POLICY = words('Always', 'IfNotPresent', 'Never');
const INTERCEPTION = words('REDIRECT', 'TPROXY', 'NONE');

const FIELD_REFERENCE = fields({
  apiVersion: words('v1'),
  fieldPath: words(
    ...['metadata.name', 'metadata.namespace', 'metadata.uid', 'metadata.labels', 'metadata.annotations'],
    ...['spec.nodeName', 'spec.serviceAccountName', 'status.hostIP', 'status.hostIPs', 'status.podIP', 'status.podIPs'],
  ),
});
const RESOURCE_REFERENCE = fields({
  containerName: NAME,
  resource: words(...['limits', 'requests'].flatMap((list) => ['cpu', 'memory'].map((name) => `${list}.${name}`))),
  divisor: QUANTITY,
});

const TLS = fields({
  mode: words('DISABLE', 'SIMPLE', 'MUTUAL', 'ISTIO_MUTUAL'),
  ...each(PATH, 'clientCertificate', 'privateKey', 'caCertificates', 'caCrl'),
  sni: HOST,
  subjectAltNames: list(HOST),
  insecureSkipVerify: BOOLEAN,
});
const SERVICE = fields({
  address: HOST,
  tlsSettings: TLS,
  tcpKeepalive: fields({ probes: NUMBER, time: DURATION, interval: DURATION }),
});
const KEY_PROVIDER = fields({ pollDelay: DURATION, fallback: BOOLEAN });
const CLIENT_CERTIFICATE = words(
  ...['UNDEFINED', 'SANITIZE', 'FORWARD_ONLY', 'APPEND_FORWARD', 'SANITIZE_SET', 'ALWAYS_FORWARD_ONLY'],
);
const DISABLED = fields({ disabled: BOOLEAN, enabled: BOOLEAN });

/** Istio's own variables, which `proxyMetadata` may also contain. */
const VARIABLES: Readonly<Record<string, Rule>> = {
  ...each(
    BOOLEAN,
    ...['REWRITE_PROBE_LEGACY_LOCALHOST_DESTINATION', 'FILE_MOUNTED_CERTS', 'PKCS8_KEY', 'ISTIO_DUAL_STACK'],
    ...['PROXY_XDS_VIA_AGENT', 'PROXY_CONFIG_XDS_AGENT', 'EXIT_ON_ZERO_ACTIVE_CONNECTIONS', 'INVALID_DROP'],
    ...['ENABLE_PROBE_KEEPALIVE_CONNECTIONS', 'ISTIO_ENABLE_HTTP2_PROBING', 'IPTABLES_TRACE_LOGGING'],
    ...['DNS_FORWARD_PARALLEL', 'ISTIO_META_DNS_CAPTURE', 'ISTIO_META_DNS_AUTO_ALLOCATE', 'ISTIO_META_ENABLE_HBONE'],
    ...['ISTIO_META_ENABLE_DNS_SERVER', 'ISTIO_META_ENABLE_SELF_DISCOVERY', 'ISTIO_META_UNPRIVILEGED_POD'],
  ),
  ...each(
    QUANTITY,
    ...['GOMEMLIMIT', 'GOMAXPROCS', 'ISTIO_CPU_LIMIT', 'WORKLOAD_RSA_KEY_SIZE', 'SECRET_GRACE_PERIOD_RATIO'],
    ...['ENVOY_PROMETHEUS_PORT', 'ENVOY_STATUS_PORT', 'ISTIO_META_HTTP10', 'WASM_HTTP_REQUEST_MAX_RETRIES'],
  ),
  ...each(
    DURATION,
    ...['MINIMUM_DRAIN_DURATION', 'SECRET_TTL', 'DNS_FORWARD_TIMEOUT', 'ISTIO_META_IDLE_TIMEOUT'],
    ...['FILE_DEBOUNCE_DURATION', 'WASM_HTTP_REQUEST_TIMEOUT', 'WASM_MODULE_EXPIRY', 'WASM_PURGE_INTERVAL'],
  ),
  ...each(
    PLAIN,
    ...['PILOT_CERT_PROVIDER', 'CA_PROVIDER', 'JWT_POLICY', 'CREDENTIAL_FETCHER_TYPE', 'ISTIO_META_CLUSTER_ID'],
    ...['ISTIO_META_NETWORK', 'ISTIO_META_ROUTER_MODE', 'ISTIO_META_CERT_SIGNER'],
  ),
  ...each(PLAIN_LIST, 'ISTIO_META_APP_CONTAINERS', 'ISTIO_META_REQUESTED_NETWORK_VIEW'),
  ...each(HOST, 'CA_ADDR', 'TRUST_DOMAIN', 'ISTIO_META_MESH_ID', 'ISTIOD_SAN', 'DNS_PROXY_ADDR', 'INSTANCE_IP'),
  ...each(PATH, 'CA_ROOT_CA', 'XDS_ROOT_CA', 'ISTIO_BOOTSTRAP', 'ISTIO_BOOTSTRAP_OVERRIDE', 'OUTPUT_CERTS'),
  ...each(PLAIN, 'POD_NAME', 'POD_NAMESPACE', 'SERVICE_ACCOUNT', 'ISTIO_META_NODE_NAME', 'ISTIO_META_WORKLOAD_NAME'),
  HOST_IP: HOST,
  ISTIO_META_OWNER: of(SHAPE.workload),
  ISTIO_META_INTERCEPTION_MODE: INTERCEPTION,
  COMPLIANCE_POLICY: words('fips-140-2', 'fips-140-3'),
  GODEBUG: words('fips140=only'),
  ECC_SIGNATURE_ALGORITHM: words('ECDSA'),
  ECC_CURVE: words('P256', 'P384'),
};

const PROXY_CONFIG = fields({
  ...each(PATH, 'configPath', 'binaryPath', 'customConfigFile', 'proxyBootstrapTemplatePath'),
  ...each(PLAIN, 'serviceCluster', 'tracingServiceName', 'meshId', 'availabilityZone'),
  ...each(DURATION, 'drainDuration', 'terminationDrainDuration', 'parentShutdownDuration', 'connectTimeout'),
  ...each(DURATION, 'discoveryRefreshDelay', 'fileFlushInterval'),
  ...each(HOST, 'discoveryAddress', 'zipkinAddress', 'statsdUdpAddress', 'envoyMetricsServiceAddress'),
  ...each(NUMBER, 'proxyAdminPort', 'statNameLength', 'concurrency', 'statusPort', 'fileFlushMinSizeKb'),
  ...each(BOOLEAN, 'holdApplicationUntilProxyStarts', 'statsCompression'),
  controlPlaneAuthPolicy: words('NONE', 'MUTUAL_TLS'),
  interceptionMode: INTERCEPTION,
  image: fields({ imageType: PLAIN }),
  tracing: fields({
    ...each(NUMBER, 'sampling', 'maxPathTagLength'),
    enableIstioTags: BOOLEAN,
    tlsSettings: TLS,
    ...each(fields({ address: HOST }), 'zipkin', 'lightstep', 'datadog', 'openCensusAgent'),
    stackdriver: fields({
      debug: BOOLEAN,
      ...each(NUMBER, 'maxNumberOfAttributes', 'maxNumberOfAnnotations', 'maxNumberOfMessageEvents'),
    }),
  }),
  ...each(SERVICE, 'envoyAccessLogService', 'envoyMetricsService'),
  proxyMetadata: fields(VARIABLES),
  runtimeValues: { others: of(anyOf(SHAPE.number, SHAPE.boolean)) },
  extraStatTags: list(PLAIN),
  gatewayTopology: fields({
    numTrustedProxies: NUMBER,
    forwardClientCertDetails: CLIENT_CERTIFICATE,
    proxyProtocol: fields({}),
  }),
  proxyStatsMatcher: fields(each(list(PLAIN), 'inclusionPrefixes', 'inclusionSuffixes', 'inclusionRegexps')),
  readinessProbe: probe(),
  privateKeyProvider: fields({ cryptomb: KEY_PROVIDER, qat: KEY_PROVIDER }),
  proxyHeaders: fields({
    forwardedClientCert: CLIENT_CERTIFICATE,
    setCurrentClientCertDetails: { others: BOOLEAN },
    ...each(DISABLED, 'requestId', 'server', 'attemptCount', 'envoyDebugHeaders', 'xForwardedHost', 'xForwardedPort'),
    metadataExchangeHeaders: fields({ mode: words('UNDEFINED', 'IN_MESH') }),
    preserveHttp1HeaderCase: BOOLEAN,
  }),
  connectionSettings: { others: of(anyOf(SHAPE.number, SHAPE.boolean, SHAPE.duration)) },
});

const ITEMS = list(
  fields({ key: PLAIN, path: PLAIN, mode: NUMBER, fieldRef: FIELD_REFERENCE, resourceFieldRef: RESOURCE_REFERENCE }),
);
const FROM_NAMED = fields({
  ...each(NAME, 'name', 'secretName'),
  optional: BOOLEAN,
  defaultMode: NUMBER,
  items: ITEMS,
});
const VOLUME = fields({
  emptyDir: fields({ medium: words('', 'Memory', 'HugePages'), sizeLimit: QUANTITY }),
  ...each(FROM_NAMED, 'configMap', 'secret', 'downwardAPI'),
  projected: fields({
    defaultMode: NUMBER,
    sources: list(
      fields({
        serviceAccountToken: fields({ audience: PLAIN, expirationSeconds: NUMBER, path: PLAIN }),
        clusterTrustBundle: fields({ ...each(PLAIN, 'path', 'signerName'), name: of(SHAPE.host) }),
        ...each(FROM_NAMED, 'configMap', 'secret', 'downwardAPI'),
      }),
    ),
  }),
  hostPath: fields({ path: PATH, type: words('', 'Directory', 'DirectoryOrCreate', 'File', 'FileOrCreate', 'Socket') }),
  csi: fields({ driver: PLAIN, readOnly: BOOLEAN }),
  persistentVolumeClaim: fields({ claimName: NAME, readOnly: BOOLEAN }),
});

/** The flags of `pilot-agent` and the shapes of their values. */
const AGENT_FLAGS: Readonly<Record<string, Shape>> = {
  ...each(SHAPE.logLevels, '--proxyLogLevel', '--proxyComponentLogLevel', '--log_output_level'),
  ...each(SHAPE.number, '--stsPort', '--concurrency', '--debug-port'),
  ...each(SHAPE.path, '--templateFile', '--outlierLogPath'),
  '--domain': SHAPE.host,
  '--serviceCluster': SHAPE.plain,
};
const IPTABLES_FLAGS: Readonly<Record<string, Shape>> = {
  '--log_output_level': SHAPE.logLevels,
  ...each(SHAPE.number, '-p', '-z', '-e', '-t', '-r'),
  ...each(SHAPE.ports, '-u', '-g', '-b', '-d', '-q', '-o'),
  ...each(SHAPE.networks, '-i', '-x'),
  ...each(SHAPE.plainList, '-c', '-k'),
  '-m': oneOf('REDIRECT', 'TPROXY', 'NONE'),
};
const AGENT_WORDS = oneOf('proxy', 'sidecar', 'router', '--log_as_json');
const IPTABLES_WORDS = oneOf(
  'istio-iptables',
  ...['--log_as_json', '--run-validation', '--skip-rule-apply', '--force-apply', '--native-nftables', '-n'],
  ...['--redirect-dns', '--capture-all-dns', '--drop-invalid', '--dual-stack', '--reconcile', '--cleanup-only'],
);
const HOOK_WORDS = oneOf('pilot-agent', 'wait', 'request', 'POST', 'drain');
const ARGUMENTS: Rule = {
  items: (list, index) =>
    list[0] === 'istio-iptables'
      ? argument(list[index - 1], IPTABLES_FLAGS, IPTABLES_WORDS)
      : argument(list[index - 1], AGENT_FLAGS, AGENT_WORDS),
};
const HOOK_COMMAND: Rule = {
  items: (list, index) =>
    list[0] === 'pilot-agent'
      ? argument(undefined, AGENT_FLAGS, HOOK_WORDS)
      : of(index === 0 ? oneOf('sleep', '/bin/sleep') : (text) => index === 1 && SHAPE.number(text)),
};
const HOOK = fields({ exec: fields({ command: HOOK_COMMAND }), sleep: fields({ seconds: NUMBER }) });

const CONTAINER = fields({
  image: IMAGE,
  imagePullPolicy: PULL_POLICY,
  restartPolicy: words('Always', 'OnFailure', 'Never'),
  args: ARGUMENTS,
  env: fields({
    ...mapped(VARIABLES, (rule) => ({
      ...rule,
      fields: { fieldRef: FIELD_REFERENCE, resourceFieldRef: RESOURCE_REFERENCE },
    })),
    PROXY_CONFIG: { ...PROXY_CONFIG, isJson: true },
    ISTIO_META_POD_PORTS: { ...ports(), isJson: true },
  }),
  resources: fields(each({ others: QUANTITY }, 'limits', 'requests')),
  securityContext: fields({
    ...each(BOOLEAN, 'allowPrivilegeEscalation', 'privileged', 'readOnlyRootFilesystem', 'runAsNonRoot'),
    ...each(NUMBER, 'runAsUser', 'runAsGroup'),
    procMount: words('Default', 'Unmasked'),
    capabilities: fields(each(list(of(SHAPE.capability)), 'add', 'drop')),
    ...each(fields({ type: words('RuntimeDefault', 'Unconfined', 'Localhost') }), 'seccompProfile', 'appArmorProfile'),
  }),
  ports: ports(),
  ...each(probe(), 'livenessProbe', 'readinessProbe', 'startupProbe'),
  lifecycle: fields(each(HOOK, 'postStart', 'preStop')),
  terminationMessagePath: PATH,
  terminationMessagePolicy: words('File', 'FallbackToLogsOnError'),
  volumeMounts: {
    others: fields({
      name: NAME,
      readOnly: BOOLEAN,
      mountPropagation: words('None', 'HostToContainer', 'Bidirectional'),
    }),
  },
  ...each(BOOLEAN, 'stdin', 'stdinOnce', 'tty'),
});

/** A number or a boolean at any depth. */
const SWITCHES: Rule = {
  shape: anyOf(SHAPE.boolean, SHAPE.number),
  get others() {
    return SWITCHES;
  },
};
const NETWORK_MODE = fields({ mode: words('PASSTHROUGH', 'LOCALHOST', 'REGISTRY_ONLY', 'ALLOW_ANY') });

/**
 * Which values of sidecars and of injector configurations are shown: those that Istio itself determines, and that are
 * neither free text nor set by the pod's owner.
 */
export const SHOWN_SETTINGS = {
  sidecar: IMAGE,
  'istio.io/rev': PLAIN,
  containers: {
    fields: each(CONTAINER, 'istio-proxy', 'istio-init', 'istio-validation'),
    // For the application's containers, only fields that an injection template adds are compared.
    others: fields({ lifecycle: fields(each(fields({ sleep: fields({ seconds: NUMBER }) }), 'preStop', 'postStart')) }),
  },
  volumes: { others: VOLUME },
  ...each(PLAIN, 'cluster', 'network'),
  'istiod.version': of(SHAPE.version),
  annotations: fields({
    'proxy.istio.io/config': { ...PROXY_CONFIG, isJson: true },
    'inject.istio.io/templates': PLAIN_LIST,
  }),
  config: fields({ policy: words('enabled', 'disabled') }),
  defaultConfig: PROXY_CONFIG,
  meshConfig: {
    fields: {
      defaultConfig: PROXY_CONFIG,
      rootNamespace: PLAIN,
      trustDomain: HOST,
      ...each(NETWORK_MODE, 'inboundTrafficPolicy', 'outboundTrafficPolicy'),
      serviceAttributeEnrichment: words('OTEL_SEMANTIC_CONVENTIONS'),
      accessLogFile: PATH,
    },
    others: SWITCHES,
  },
  values: {
    fields: {
      global: {
        fields: {
          hub: of(isRepository),
          tag: of(SHAPE.tag),
          ...each(PLAIN, 'variant', 'network', 'pilotCertProvider', 'istioNamespace', 'meshID', 'caName'),
          ...each(HOST, 'caAddress', 'trustDomain'),
          imagePullPolicy: PULL_POLICY,
          multiCluster: { fields: { clusterName: PLAIN }, others: SWITCHES },
          logging: fields({ level: LOG_LEVELS }),
          proxy: {
            fields: {
              image: of(anyOf(SHAPE.image, SHAPE.plain)),
              resources: fields(each({ others: QUANTITY }, 'limits', 'requests')),
              clusterDomain: HOST,
              tracer: PLAIN,
              ...each(LOG_LEVELS, 'logLevel', 'componentLogLevel'),
              ...each(NETWORKS, 'includeIPRanges', 'excludeIPRanges'),
              ...each(PORTS, 'includeInboundPorts', 'excludeInboundPorts'),
              ...each(PORTS, 'includeOutboundPorts', 'excludeOutboundPorts'),
            },
            others: SWITCHES,
          },
          proxy_init: { fields: { image: of(anyOf(SHAPE.image, SHAPE.plain)) }, others: SWITCHES },
        },
        others: SWITCHES,
      },
    },
    others: SWITCHES,
  },
  env: { fields: VARIABLES, others: SWITCHES },
} satisfies Readonly<Record<string, Rule>>;

function of(shape: Shape): Rule {
  return { shape };
}

function words(...known: readonly string[]): Rule {
  return of(oneOf(...known));
}

function fields(rules: Readonly<Record<string, Rule>>): Rule {
  return { fields: rules };
}

function list(item: Rule): Rule {
  return { items: () => item };
}

function each<T>(value: T, ...names: readonly string[]): Readonly<Record<string, T>> {
  return Object.fromEntries(names.map((name) => [name, value]));
}

function mapped<T>(record: Readonly<Record<string, T>>, map: (value: T) => T): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}

function ports(): Rule {
  return list(
    fields({
      ...each(NUMBER, 'containerPort', 'hostPort'),
      name: PLAIN,
      protocol: words('TCP', 'UDP', 'SCTP'),
      hostIP: HOST,
    }),
  );
}

function probe(): Rule {
  return fields({
    ...each(NUMBER, 'initialDelaySeconds', 'periodSeconds', 'timeoutSeconds', 'failureThreshold', 'successThreshold'),
    terminationGracePeriodSeconds: NUMBER,
    httpGet: fields({ path: PATH, port: PORT, scheme: words('HTTP', 'HTTPS') }),
    ...each(fields({ port: PORT }), 'tcpSocket', 'grpc'),
  });
}

/** A flag with its value, a flag alone, the value of the preceding flag, or one of the words. */
function argument(before: unknown, flags: Readonly<Record<string, Shape>>, isWord: Shape): Rule {
  const shapeBefore = typeof before === 'string' ? own(flags, before) : undefined;
  return of((text) => {
    const end = text.indexOf('=');
    const shape = own(flags, end < 0 ? text : text.slice(0, end));
    return shape ? end < 0 || shape(text.slice(end + 1)) : (shapeBefore ?? isWord)(text);
  });
}

function isRepository(text: string): boolean {
  return text.split('/').every(SHAPE.host);
}
