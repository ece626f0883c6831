type Raw = Readonly<Record<string, unknown>>;

/**
 * The first place at which the specs of two objects of a kind and namespace, as protobuf serializes them, differ in
 * meaning; `undefined` if they have the same meaning.
 */
export function difference(kind: string, namespace: string, one: Raw, other: Raw): string | undefined {
  const [left, right] = [one, other].map(
    (spec) => EQUAL[kind]?.(inTodaysWords(kind, spec), namespace) ?? inTodaysWords(kind, spec),
  );
  return differs('', left, right);
}

/** Forms that a construct always writes, of several with the same meaning. */
const EQUAL: Readonly<Record<string, (spec: Raw, namespace: string) => Raw>> = {
  AuthorizationPolicy: (spec, namespace) =>
    each(
      'rules',
      each(
        'from',
        within('source', (source) => accountsAsPrincipals(source, namespace)),
      ),
    )(spec),
  VirtualService: each(
    'http',
    each('mirrors', (mirror) => ({ percentage: { value: 100 }, ...mirror })),
  ),
};

/**
 * A spec, as protobuf serializes it, with current fields: older fields, which Istio still accepts, are replaced, and
 * messages without meaning are left out. Items that Istio looks up by name or number are in the order of the
 * constructs.
 */
export function inTodaysWords(kind: string, spec: Raw): Raw {
  return (MODERN[kind] ?? ((same: Raw) => same))(withoutSilence(spec));
}

/** Messages with these names have no meaning when they are empty. */
const SILENT = ['match', 'mtls', 'selector', 'workloadSelector', 'metadata', 'listener', 'cluster', 'percentage'];

const MODERN: Readonly<Record<string, (spec: Raw) => Raw>> = {
  VirtualService: each('http', routeToday),
  DestinationRule: (spec) => {
    const subsets = each('subsets', (subset) => within('trafficPolicy', trafficPolicy)(subset));
    return within('trafficPolicy', trafficPolicy)(subsets(spec));
  },
  Gateway: each('servers', within('port', upperCaseProtocol)),
  ServiceEntry: each('ports', upperCaseProtocol),
  Sidecar: (spec) =>
    each('egress', within('port', upperCaseProtocol))(each('ingress', within('port', upperCaseProtocol))(spec)),
  AuthorizationPolicy: severalTargets,
  PeerAuthentication: (spec) => withoutEmpty('portLevelMtls', spec),
  TrafficExtension: severalTargets,
  RequestAuthentication: severalTargets,
  Telemetry: (spec) => each('metrics', each('overrides', allMetrics))(severalTargets(spec)),
  WasmPlugin: severalTargets,
};

function each(list: string, modern: (one: Raw) => Raw): (spec: Raw) => Raw {
  return (spec) => (list in spec ? { ...spec, [list]: (spec[list] as Raw[]).map(modern) } : spec);
}

function within(field: string, modern: (one: Raw) => Raw): (spec: Raw) => Raw {
  return (spec) => (field in spec ? { ...spec, [field]: modern(spec[field] as Raw) } : spec);
}

function routeToday({ mirror, mirrorPercent, mirrorPercentage, ...route }: Raw): Raw {
  const percentage = mirrorPercentage ?? (mirrorPercent === undefined ? undefined : { value: mirrorPercent });
  return {
    ...within('fault', (fault) => within('delay', percentToday)(within('abort', percentToday)(fault)))(route),
    ...(mirror ? { mirrors: [{ destination: mirror, ...(percentage ? { percentage } : {}) }] } : {}),
  };
}

function percentToday({ percent, ...fault }: Raw): Raw {
  return percent === undefined ? fault : { percentage: { value: percent }, ...fault };
}

function trafficPolicy(policy: Raw): Raw {
  const byNumber = (one: Raw, other: Raw) => portNumber(one) - portNumber(other);
  const ports = policy.portLevelSettings as Raw[] | undefined;
  return {
    ...within('loadBalancer', loadBalancer)(policy),
    ...(ports ? { portLevelSettings: ports.map(within('loadBalancer', loadBalancer)).sort(byNumber) } : {}),
  };
}

const portNumber = (setting: Raw) => Number((setting.port as Raw).number);

function loadBalancer(settings: Raw): Raw {
  const hashed = within('consistentHash', ({ minimumRingSize, ...hash }) =>
    minimumRingSize === undefined ? hash : { ...hash, ringHash: { minimumRingSize } },
  )(settings);
  return hashed.simple === 'LEAST_CONN' ? { ...hashed, simple: 'LEAST_REQUEST' } : hashed;
}

function upperCaseProtocol(port: Raw): Raw {
  return typeof port.protocol === 'string' ? { ...port, protocol: port.protocol.toUpperCase() } : port;
}

/** The principals that service accounts stand for. */
function accountsAsPrincipals({ serviceAccounts, notServiceAccounts, ...rest }: Raw, namespace: string): Raw {
  const principals = (accounts: unknown) =>
    (accounts as string[])
      .map((account) => (account.includes('/') ? account : `${namespace}/${account}`))
      .map((account) => `*/ns/${account.replace('/', '/sa/')}`);
  return {
    ...rest,
    ...(serviceAccounts ? { principals: principals(serviceAccounts) } : {}),
    ...(notServiceAccounts ? { notPrincipals: principals(notServiceAccounts) } : {}),
  };
}

function severalTargets({ targetRef, ...spec }: Raw): Raw {
  const targets = (targetRef ? [targetRef] : (spec.targetRefs ?? [])) as Raw[];
  const targetRefs = targets.map(({ group, ...target }) => (group === 'core' ? target : { group, ...target }));
  return targets.length > 0 ? { ...spec, targetRefs } : spec;
}

function allMetrics({ match, ...override }: Raw): Raw {
  const { metric, ...rest } = (match ?? {}) as Raw;
  const kept = metric === 'ALL_METRICS' || metric === undefined ? rest : { metric, ...rest };
  return Object.keys(kept).length > 0 ? { ...override, match: kept } : override;
}

/** A spec without the empty messages of a map. */
function withoutEmpty(field: string, spec: Raw): Raw {
  const { [field]: map, ...rest } = spec;
  const kept = Object.entries((map ?? {}) as Raw).filter(([, value]) => Object.keys(value as Raw).length > 0);
  return kept.length > 0 ? { ...rest, [field]: Object.fromEntries(kept) } : rest;
}

function withoutSilence(spec: Raw): Raw {
  const said = Object.entries(spec)
    .map(([name, value]): [string, unknown] => [name, pruned(value)])
    .filter(([name, value]) => !(SILENT.includes(name) && isRaw(value) && Object.keys(value).length === 0));
  return Object.fromEntries(said);
}

function pruned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(pruned);
  return isRaw(value) ? withoutSilence(value) : value;
}

function differs(at: string, one: unknown, other: unknown): string | undefined {
  if (Array.isArray(one) && Array.isArray(other)) {
    if (one.length !== other.length) return `${at}: length ${String(one.length)} instead of ${String(other.length)}`;
    return one.map((value, index) => differs(`${at}[${String(index)}]`, value, other[index])).find(Boolean);
  }
  if (isRaw(one) && isRaw(other)) {
    return [...new Set([...Object.keys(one), ...Object.keys(other)])]
      .map((name) => differs(at === '' ? name : `${at}.${name}`, one[name], other[name]))
      .find(Boolean);
  }
  const [left, right] = [one, other].map((value) => (value === undefined ? 'nothing' : JSON.stringify(value)));
  return left === right ? undefined : `${at}: ${left ?? ''} instead of ${right ?? ''}`;
}

function isRaw(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
