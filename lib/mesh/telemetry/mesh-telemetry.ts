import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { renderAccessLogs } from './access-log-settings';
import { throwProblems } from '../construct-error';
import { referenceProblem } from './extension-provider';
import { IstioInstallation } from '../installation/istio-installation';
import { MeshConstruct } from '../mesh-construct';
import { MeshOrder } from '../mesh-order';
import { objectNameProblem } from '../object-name';
import {
  intoRootNamespace,
  namespacedScopeProblems,
  renderSelector,
  scopedMetadata,
  type TargetedPolicyScope,
} from '../policy-scope';
import { TelemetryScopes, type TelemetryScope } from './telemetry-scopes';
import { renderTelemetry, telemetryProblems, telemetryWarnings, type TelemetrySettings } from './telemetry-settings';
import { warn, warnOnSynthesis } from '../warnings';

/** Properties of {@link MeshTelemetry}. */
export interface MeshTelemetryProps extends TelemetrySettings, TargetedPolicyScope {
  /**
   * `metadata.name` of the object.
   *
   * @default - `mesh-default` for the mesh, `default` for a namespace, the construct's id for workloads
   */
  readonly name?: string;
}

/**
 * Configures traces, access logs and metrics of a namespace or of some of its workloads, if they differ from the
 * mesh's; or of the whole mesh, if another app installs Istio. If the app has an IstioModule, use its props for the
 * whole mesh. They create the Telemetry `mesh-default`, and Istio uses only one Telemetry for the mesh and one for each
 * namespace.
 *
 * Proxies receive changes over xDS, so no pod needs to be replaced. The IstioModule defines providers (`tracing`,
 * `accessLogs`, `telemetryProviders`). If the app has a module, or an ExistingIstio with `extensionProviders`,
 * synthesis checks every reference against its providers.
 *
 * @see https://istio.io/latest/docs/reference/config/telemetry/
 */
export class MeshTelemetry extends MeshConstruct {
  /** The raw Telemetry. */
  readonly telemetry: ApiObject;

  readonly workload?: Readonly<Record<string, string>>;
  readonly settings: TelemetrySettings;
  private readonly placed: () => string | undefined;

  /**
   * @throws Error that lists all problems with the props. At synthesis, if the app's IstioModule or ExistingIstio does
   * not define a provider that the props name, if no provider is set for spans or logs, if another Telemetry has the
   * same scope, or if it applies to the mesh and neither the app nor the props set the root namespace
   */
  constructor(scope: Construct, id: string, props: MeshTelemetryProps) {
    super(scope, id);
    const { namespace, workload, tracing, accessLogs, metrics } = props;
    const name = props.name ?? (workload ? id : namespace === undefined ? 'mesh-default' : 'default');
    this.settings = { tracing, accessLogs, metrics };
    this.workload = workload;
    throwProblems(this, problems(name, props, this.settings));

    this.telemetry = new ApiObject(this, 'Default', {
      apiVersion: 'telemetry.istio.io/v1',
      kind: 'Telemetry',
      metadata: scopedMetadata(name, props),
      spec: { ...renderSelector(props), ...renderTelemetry(this.settings) },
    });
    if (Object.keys(renderTelemetry(this.settings)).length === 0) {
      warn(this, 'is empty: set tracing, accessLogs or metrics, or leave it out');
    }
    warn(this, ...telemetryWarnings(this.settings));
    MeshOrder.of(this).addObjects(this);
    TelemetryScopes.of(this).add(this);
    this.placed = intoRootNamespace(this, props, this.telemetry);
    this.node.addValidation({
      validate: () =>
        this.modules().flatMap((module) => [...this.unknownProviders(module), ...this.idleSettings(module)]),
    });
    warnOnSynthesis(this, () => this.modules().flatMap((module) => this.narrowSwitches(module)));
  }

  /** The namespace of the object. For the whole mesh, it is known once the app has an IstioModule or ExistingIstio. */
  get namespace(): string | undefined {
    return this.placed();
  }

  /** The Istio installations of the app to which the object applies, once its namespace is known. */
  private modules(): IstioInstallation[] {
    if (this.namespace === undefined) return [];
    return MeshOrder.of(this)
      .controlPlanesOf(this)
      .map(({ module }) => module)
      .filter((module) => module instanceof IstioInstallation);
  }

  private unknownProviders(module: IstioInstallation): string[] {
    const { tracing, accessLogs = [], metrics } = this.settings;
    const known = module.extensionProviders;
    if (!known) return [];
    return [
      ...(tracing?.provider === undefined
        ? []
        : referenceProblem('tracing', tracing.provider, 'tracing', title(module), known, module.providerRegistry)),
      ...accessLogs.flatMap(({ providers = [] }, index) =>
        providers.flatMap((provider) =>
          referenceProblem(
            `accessLogs[${String(index)}]`,
            provider,
            'access logs',
            title(module),
            known,
            module.providerRegistry,
          ),
        ),
      ),
      ...(metrics?.providers ?? []).flatMap((name) =>
        referenceProblem('metrics', name, 'metrics', title(module), known, module.providerRegistry),
      ),
    ];
  }

  /** Settings without effect, because no wider scope has a provider for spans or logs. */
  private idleSettings(module: IstioInstallation): string[] {
    const around = this.settingsAround(module);
    const { tracing, accessLogs = [] } = this.settings;
    const found: string[] = [];
    const traces = module.traces || around.some((wider) => wider.tracing?.provider !== undefined);
    if (tracing && tracing.provider === undefined && tracing.disabled !== true && !traces) {
      found.push(
        `tracing has no provider, and neither does ${title(module)}: set tracing.provider, or the module's tracing`,
      );
    }
    if (module.logsByDefault || widerAccessLogs(module, around).length > 0) return found;
    accessLogs.forEach(({ disabled, providers = [] }, index) => {
      if (providers.length > 0) return;
      const at = `accessLogs[${String(index)}]`;
      if (disabled === true) {
        found.push(
          `${at} has no effect, because ${title(module)} logs nothing through Telemetry: leave it out, or replace the module's accessLogFile with accessLogs`,
        );
      } else if (accessLogs.slice(0, index).every((before) => (before.providers ?? []).length === 0)) {
        found.push(`${at} has no provider, and neither does ${title(module)}: name one in providers`);
      }
    });
    return found;
  }

  /** Entries that disable less than they seem to, because only the last entry is inherited. */
  private narrowSwitches(module: IstioInstallation): string[] {
    if (widerAccessLogs(module, this.settingsAround(module)).length < 2) return [];
    return (this.settings.accessLogs ?? []).flatMap(({ disabled, providers = [] }, index) =>
      disabled === true && providers.length === 0
        ? [
            `accessLogs[${String(index)}] disables only the last of several access logs: name the intended ones in providers`,
          ]
        : [],
    );
  }

  private settingsAround(module: IstioInstallation): TelemetrySettings[] {
    return TelemetryScopes.of(this)
      .around(this, [module.rootNamespace])
      .map(({ settings }) => settings);
  }
}

/** The entries of wider scopes with providers for access logs. */
function widerAccessLogs(module: IstioInstallation, around: readonly TelemetrySettings[]) {
  const wider = [module.meshTelemetry, ...around].flatMap((settings) => settings.accessLogs ?? []);
  return renderAccessLogs(wider).filter(({ providers }) => providers !== undefined);
}

function title(construct: Construct | TelemetryScope): string {
  return `${construct.constructor.name} ${construct.node.path}`;
}

function problems(name: string, props: MeshTelemetryProps, settings: TelemetrySettings): string[] {
  return [...objectNameProblem(name), ...namespacedScopeProblems(props), ...telemetryProblems(settings)];
}
