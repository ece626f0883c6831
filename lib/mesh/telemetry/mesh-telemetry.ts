import { ApiObject, JsonPatch } from 'cdk8s';
import { Construct } from 'constructs';
import { renderAccessLogs } from './access-log-settings';
import { throwProblems } from '../construct-error';
import { referenceProblem } from './extension-provider';
import { IstioModule } from '../installation/istio-module';
import { namespaceName, type NamespaceReference } from '../namespaces/mesh-namespace';
import { MeshOrder } from '../mesh-order';
import { objectNameProblem } from '../object-name';
import { placeProblems } from '../policy-scope';
import { TelemetryScopes, type TelemetryScope } from './telemetry-scopes';
import { renderTelemetry, telemetryProblems, type TelemetrySettings } from './telemetry-settings';
import { showLabels, workloadProblems } from '../workload-selector';

/** Properties of {@link MeshTelemetry}. */
export interface MeshTelemetryProps extends TelemetrySettings {
  /**
   * The namespace that is covered, as the construct or by name.
   *
   * @default - the whole mesh
   */
  readonly namespace?: NamespaceReference;

  /**
   * Labels of the workloads that are covered; needs `namespace`.
   *
   * @default - every workload
   */
  readonly workload?: Readonly<Record<string, string>>;

  /**
   * The mesh's root namespace, where the object goes that covers the whole mesh.
   *
   * @default - the root namespace of the app's IstioModule
   */
  readonly rootNamespace?: string;

  /**
   * `metadata.name` of the object.
   *
   * @default - `mesh-default` for the mesh, `default` for a namespace, the construct's id for workloads
   */
  readonly name?: string;
}

/**
 * Traces, access logs and metrics of a namespace or of some of its workloads, where they differ from the mesh's; or of
 * the whole mesh, where another app installs Istio. An app's own IstioModule has props for the whole mesh, and covers it
 * with a Telemetry `mesh-default`: Istio heeds one Telemetry for the mesh and one for each namespace.
 *
 * Proxies learn of it over xDS: a change replaces no pod. Providers are defined by the IstioModule (`tracing`,
 * `accessLogs`, `telemetryProviders`); synthesis holds every reference against its module's, if the app has one.
 *
 * The object itself is `telemetry`, the escape hatch to the raw object.
 *
 * @see https://istio.io/latest/docs/reference/config/telemetry/
 */
export class MeshTelemetry extends Construct {
  /** The raw Telemetry. */
  readonly telemetry: ApiObject;

  readonly workload?: Readonly<Record<string, string>>;
  readonly settings: TelemetrySettings;
  private resolvedNamespace?: string;

  /**
   * @throws Error listing all that is wrong with the props; on synthesis, when a provider is none that the app's
   * IstioModule defines for this use, when nothing says where spans or logs go, when something else covers the same, or
   * when it covers the mesh and neither the app nor the props know the root namespace
   */
  constructor(scope: Construct, id: string, props: MeshTelemetryProps) {
    super(scope, id);
    const { namespace, workload, rootNamespace, tracing, accessLogs, metrics } = props;
    const name = props.name ?? (workload ? id : namespace === undefined ? 'mesh-default' : 'default');
    this.settings = { tracing, accessLogs, metrics };
    this.workload = workload;
    throwProblems(this, problems(name, props, this.settings));

    this.resolvedNamespace = namespace === undefined ? rootNamespace : namespaceName(namespace);
    this.telemetry = new ApiObject(this, 'Default', {
      apiVersion: 'telemetry.istio.io/v1',
      kind: 'Telemetry',
      metadata: { name, ...(this.namespace === undefined ? {} : { namespace: this.namespace }) },
      spec: { ...(workload ? { selector: { matchLabels: workload } } : {}), ...renderTelemetry(this.settings) },
    });
    const order = MeshOrder.of(this);
    order.addObjects(this);
    TelemetryScopes.of(this).add(this);
    if (this.namespace === undefined) {
      order.withRootNamespace(this, (root) => {
        this.resolvedNamespace = root;
        this.telemetry.addJsonPatch(JsonPatch.add('/metadata/namespace', root));
      });
    }
    this.node.addValidation({ validate: () => this.conflicts() });
  }

  /** The namespace of the object; that of one for the whole mesh is known as soon as the app has an IstioModule. */
  get namespace(): string | undefined {
    return this.resolvedNamespace;
  }

  private conflicts(): string[] {
    if (this.namespace === undefined) {
      return [
        'covers the whole mesh, but the app has no IstioModule that names its root namespace: set the prop rootNamespace',
      ];
    }
    const modules = MeshOrder.of(this)
      .controlPlanesOf(this)
      .map(({ module }) => module)
      .filter((module) => module instanceof IstioModule);
    return [
      ...this.twins(modules),
      ...modules.flatMap((module) => this.unknownProviders(module)),
      ...modules.flatMap((module) => this.idleSettings(module)),
    ];
  }

  private twins(modules: readonly IstioModule[]): string[] {
    const own = modules.find((module) => module.telemetry && module.rootNamespace === this.namespace && !this.workload);
    if (own) {
      return [
        `covers the whole mesh, as ${title(own)} does, and Istio heeds one of them: set tracing, accessLogs and metrics there instead`,
      ];
    }
    const twin = TelemetryScopes.of(this).twinOf(this);
    if (!twin) return [];
    const what = this.workload ? `workload ${showLabels(this.workload)} of` : 'all of';
    return [
      `covers ${what} namespace '${String(this.namespace)}', as ${title(twin)} does, and Istio heeds one of them: make them one`,
    ];
  }

  private unknownProviders(module: IstioModule): string[] {
    const { tracing, accessLogs = [], metrics } = this.settings;
    const known = module.extensionProviders;
    return [
      ...(tracing?.provider === undefined
        ? []
        : referenceProblem('tracing', tracing.provider, 'tracing', title(module), known)),
      ...accessLogs.flatMap(({ providers = [] }, index) =>
        providers.flatMap((provider) =>
          referenceProblem(`accessLogs[${String(index)}]`, provider, 'access logs', title(module), known),
        ),
      ),
      ...(metrics?.providers ?? []).flatMap((name) =>
        referenceProblem('metrics', name, 'metrics', title(module), known),
      ),
    ];
  }

  /** Settings that do nothing, because nothing around them says where spans or logs go. */
  private idleSettings(module: IstioModule): string[] {
    const around = TelemetryScopes.of(this)
      .around(this, [module.rootNamespace])
      .map(({ settings }) => settings);
    const { tracing, accessLogs = [] } = this.settings;
    const found: string[] = [];
    const traces = module.traces || around.some((wider) => wider.tracing?.provider !== undefined);
    if (tracing && tracing.provider === undefined && tracing.disabled !== true && !traces) {
      found.push(
        `tracing names no provider, and neither does ${title(module)}: set tracing.provider, or the module's tracing`,
      );
    }
    const wider = [module.meshTelemetry, ...around].flatMap((settings) => settings.accessLogs ?? []);
    const entries = renderAccessLogs(wider).filter(({ providers }) => providers !== undefined);
    accessLogs.forEach(({ disabled, providers = [] }, index) => {
      if (disabled !== true || providers.length > 0) return;
      const at = `accessLogs[${String(index)}]`;
      if (entries.length === 0 && !module.logsByDefault) {
        found.push(
          `${at} turns nothing off, for ${title(module)} logs nothing through Telemetry: leave it out, or replace the module's accessLogFile by accessLogs`,
        );
      }
      if (entries.length > 1) {
        found.push(`${at} turns off the last of several access logs alone: name those that are meant in providers`);
      }
    });
    return found;
  }
}

function title(construct: Construct | TelemetryScope): string {
  return `${construct.constructor.name} ${construct.node.path}`;
}

function problems(name: string, props: MeshTelemetryProps, settings: TelemetrySettings): string[] {
  const { namespace, workload, rootNamespace } = props;
  const found = [...objectNameProblem(name), ...placeProblems({ namespace, rootNamespace })];
  if (workload && namespace === undefined) {
    found.push(`workload ${showLabels(workload)} needs a namespace: set the prop namespace to the workload's`);
  }
  if (workload) found.push(...workloadProblems(workload));
  found.push(...telemetryProblems(settings));
  if (Object.keys(renderTelemetry(settings)).length === 0) {
    found.push('says nothing: set tracing, accessLogs or metrics');
  }
  return found;
}
