import {
  AccessLog,
  AccessLogFormat,
  CustomTag,
  IstioCharts,
  IstioMetric,
  Tracing,
  type IstioModuleProps,
} from 'istio-module';
import type { Programs } from '../control-plane/programs';
import { COLLECTOR, JSON_LOG, OTLP_OVER_HTTP } from './every-policy';
import { EVERY_INSTALLATION_OPTION } from './installation/every-installation-option';
import { EVERY_AUTHORIZER } from './security/every-external-authorizer';

/** Every setting of a module that affects what is synthesized, with the real helm and charts. */
export function everyModuleSetting({ helm, istioCharts }: Programs): Partial<IstioModuleProps> {
  return {
    helmExecutable: helm,
    charts: IstioCharts.directory(istioCharts),
    tracing: Tracing.otlp({ ...COLLECTOR, samplingPercent: 1, customTags: { mesh: CustomTag.literal('one') } }),
    accessLogs: [
      AccessLog.envoyFile({ format: AccessLogFormat.text('%START_TIME(%Y-%m-%d)% %REQ(:PATH)%'), filter: 'true' }),
      AccessLog.openTelemetry({ ...COLLECTOR, logName: 'mesh', body: '%PROTOCOL%', attributes: { a: '%DURATION%' } }),
    ],
    metrics: { merge: true, overrides: [{ metric: IstioMetric.REQUEST_SIZE, disabled: true }] },
    telemetryProviders: [OTLP_OVER_HTTP, JSON_LOG],
    externalAuthorizers: EVERY_AUTHORIZER,
    ...EVERY_INSTALLATION_OPTION,
    ingressGateways: [
      ...(EVERY_INSTALLATION_OPTION.ingressGateways ?? []),
      { name: 'inner', serviceType: 'ClusterIP' },
    ],
    values: { istiod: { env: { BLOCKED_CIDRS_IN_JWKS_URIS: '169.254.0.0/16' } } },
  };
}
