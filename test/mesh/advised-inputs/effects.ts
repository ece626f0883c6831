import {
  AuthorizationAction,
  AuthorizationPolicy,
  ExistingIstio,
  ExternalAuthorizer,
  KubernetesGateway,
  MeshNamespace,
  Requests,
  Resolution,
  ServiceEntry,
  type AuthorizationPolicyProps,
  type EgressHost,
} from 'istio-module';
import { fakeModule } from '../synthesis';
import { advice, type AdvisedInput } from './advised-input';

const targeted = advice((props: Partial<AuthorizationPolicyProps>) => (chart) => {
  new ExistingIstio(chart, 'istio');
  new MeshNamespace(chart, 'shop', { name: 'shop' });
  new KubernetesGateway(chart, 'public', {
    namespace: 'edge',
    listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }],
  });
  new AuthorizationPolicy(chart, 'one', { rules: Requests.NONE, ...props });
});
const gateway = [{ kind: 'Gateway', name: 'public' }] as const;

interface Databases {
  readonly names: readonly string[];
  readonly addresses?: boolean;
  readonly dnsCapture?: boolean;
}

const databases = (outside: boolean) =>
  advice(({ names, addresses, dnsCapture }: Databases) => (chart) => {
    if (outside) new ExistingIstio(chart, 'istio');
    else fakeModule(chart, { defaultConfig: { dnsCapture } });
    names.forEach((name, index) => {
      new ServiceEntry(chart, name, {
        namespace: 'shop',
        hosts: [`${name}.db.example.com`],
        ports: [{ number: 3306, protocol: 'MYSQL' }],
        ...(addresses ? { addresses: [`192.0.2.${String(index)}`] } : {}),
        resolution: Resolution.dns(),
      });
    });
  });
const OPA = ExternalAuthorizer.grpc({ name: 'opa', service: 'opa.security.svc.cluster.local', port: 9191 });
const asked = advice((hosts: readonly EgressHost[]) => (chart) => {
  fakeModule(chart, { externalAuthorizers: [OPA] });
  new MeshNamespace(chart, 'shop', { name: 'shop', egress: { hosts } });
  new AuthorizationPolicy(chart, 'ask', {
    namespace: 'shop',
    action: AuthorizationAction.custom(OPA),
    rules: Requests.ALL,
  });
});

/** Advice about objects that Istio accepts, but that other objects of the app leave without their effect. */
export const effects: readonly AdvisedInput[] = [
  targeted(
    'put the policy into that namespace, or name Gateways of its own namespace',
    { namespace: 'shop', targets: [{ kind: 'GatewayClass', name: 'istio-waypoint' }] },
    { targets: [{ kind: 'GatewayClass', name: 'istio-waypoint' }] },
    { namespace: 'edge', targets: gateway },
  ),
  targeted(
    "set the prop namespace to 'edge', or to that of the intended Gateway",
    { targets: gateway },
    { namespace: 'edge', targets: gateway },
  ),
  targeted(
    "put the policy into namespace 'edge', if the Gateway there is the intended one",
    { namespace: 'shop', targets: gateway },
    { namespace: 'edge', targets: gateway },
  ),
  targeted(
    'set workload to the labels of the pods instead of targets, unless a waypoint serves the target',
    { namespace: 'shop', targets: [{ kind: 'Service', name: 'web' }] },
    { namespace: 'shop', workload: { app: 'web' } },
  ),
  databases(false)(
    "set addresses, or dnsCapture in the module's defaultConfig",
    { names: ['orders', 'users'] },
    { names: ['orders', 'users'], addresses: true },
    { names: ['orders', 'users'], dnsCapture: true },
  ),
  databases(false)(
    "set addresses, or dnsCapture in the module's defaultConfig",
    { names: ['orders'] },
    { names: ['orders'], addresses: true },
    { names: ['orders'], dnsCapture: true },
  ),
  databases(true)(
    'set addresses, unless sidecars capture DNS',
    { names: ['orders', 'users'] },
    { names: ['orders', 'users'], addresses: true },
  ),
  asked(
    "add 'security/opa.security.svc.cluster.local' to egress.hosts of the Sidecar",
    ['./*', 'istio-system/*'],
    ['./*', 'istio-system/*', 'security/opa.security.svc.cluster.local'],
  ),
];
