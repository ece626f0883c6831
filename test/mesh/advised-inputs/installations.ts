import {
  AccessLog,
  ExistingIstio,
  IstioModule,
  MeshNamespace,
  MeshTelemetry,
  PodSecurityLevel,
  Sidecar,
  type EgressHost,
  type ExistingIstioProps,
  type IstioModuleProps,
  type MeshTelemetryProps,
} from 'istio-module';
import { FAKE_HELM, fakeModule } from '../synthesis';
import { advice, type AdvisedInput } from './advised-input';

const pair = advice(
  ({ first, second }: { first?: Partial<IstioModuleProps>; second: Partial<IstioModuleProps> }) =>
    (chart) => {
      const stable = fakeModule(chart, { revision: '1-31-1', ...first });
      const version = '1.31.1';
      const canary = { version, revision: 'canary', beside: stable, helmExecutable: FAKE_HELM, ...second };
      new IstioModule(chart, 'canary', canary);
    },
);
const besideExisting = advice(
  ({ existing, module: props }: { existing?: ExistingIstioProps; module: Partial<IstioModuleProps> }) =>
    (chart) => {
      const beside = new ExistingIstio(chart, 'istio', existing);
      const canary = { version: '1.32.0', revision: 'canary', beside, helmExecutable: FAKE_HELM, ...props };
      new IstioModule(chart, 'canary', canary);
    },
);
const within = advice(({ cni, enforce }: { cni: boolean; enforce: PodSecurityLevel }) => (chart) => {
  fakeModule(chart, { cni });
  new MeshNamespace(chart, 'shop', { name: 'shop', podSecurity: { enforce } });
});
const observed = advice(
  ({ module: props, ...settings }: MeshTelemetryProps & { module: Partial<IstioModuleProps> }) =>
    (chart) => {
      fakeModule(chart, props);
      new MeshTelemetry(chart, 'one', { namespace: 'shop', ...settings });
    },
);
const scoped = advice(({ version, hosts }: { version: string; hosts: readonly EgressHost[] }) => (chart) => {
  fakeModule(chart, { version });
  new Sidecar(chart, 'one', { namespace: 'shop', egress: { hosts } });
});
const installed = advice((props: Partial<IstioModuleProps>) => (chart) => fakeModule(chart, props));
const gateway = { name: 'public', namespace: 'edge' };
const LOGS = [
  AccessLog.envoyFile({ name: 'one', filter: 'response.code >= 500' }),
  AccessLog.envoyFile({ name: 'other', path: '/dev/stderr' }),
];

/** Advice about several installations, and about what fits an existing one. */
export const installations: readonly AdvisedInput[] = [
  pair(
    'take one minor version at a time',
    { first: { base: { version: '1.32.0' } }, second: { version: '1.33.0' } },
    { first: { base: { version: '1.32.0' } }, second: { version: '1.32.0' } },
  ),
  pair(
    "set its base.version to '1.32.0'",
    { second: { version: '1.32.0' } },
    { first: { base: { version: '1.32.0' } }, second: { version: '1.32.0' } },
  ),
  besideExisting(
    'update them, and leave out the prop version of',
    { existing: { version: '1.31.1' }, module: {} },
    { existing: {}, module: {} },
  ),
  besideExisting(
    'set its rootNamespace',
    { module: { meshConfig: { rootNamespace: 'mesh-config' } } },
    { existing: { rootNamespace: 'mesh-config' }, module: {} },
  ),
  besideExisting('leave out base', { module: { base: { version: '1.32.0' } } }, { module: {} }),
  pair(
    'give one of them another name',
    { first: { ingressGateways: [gateway] }, second: { ingressGateways: [gateway] } },
    { first: { ingressGateways: [gateway] }, second: { ingressGateways: [{ ...gateway, name: 'other' }] } },
  ),
  pair(
    'set its namespace to another one',
    { second: { ingressGateways: [{ name: 'public' }] } },
    { second: { ingressGateways: [gateway] } },
  ),
  installed(
    'name one of them',
    { ingressGateways: [{ ...gateway, revision: 'other' }] },
    { ingressGateways: [{ ...gateway, revision: 'default' }] },
  ),
  within(
    'use the node agent (prop cni of IstioModule mesh/istio), or write PodSecurityLevel.PRIVILEGED',
    { cni: false, enforce: PodSecurityLevel.BASELINE },
    { cni: true, enforce: PodSecurityLevel.BASELINE },
    { cni: false, enforce: PodSecurityLevel.PRIVILEGED },
  ),
  observed(
    'name the intended ones in providers',
    { module: { accessLogs: LOGS }, accessLogs: [{ disabled: true }] },
    { module: { accessLogs: LOGS }, accessLogs: [{ disabled: true, providers: LOGS }] },
  ),
  observed(
    "leave it out, or replace the module's accessLogFile with accessLogs",
    { module: {}, accessLogs: [{ disabled: true }] },
    { module: { accessLogs: [AccessLog.envoyFile()] }, accessLogs: [{ disabled: true }] },
  ),
  scoped(
    'name the remaining hosts, or use a version of at least 1.31.0',
    { version: '1.30.2', hosts: ['*/*', '~edge/*'] },
    { version: '1.30.2', hosts: ['shop/*'] },
    { version: '1.31.1', hosts: ['*/*', '~edge/*'] },
  ),
];
