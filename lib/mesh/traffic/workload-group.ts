import { ApiObject, type Duration } from 'cdk8s';
import type { Construct } from 'constructs';
import { throwProblems } from '../construct-error';
import { definedFields, fieldOf } from '../fields';
import { istioDuration, milliseconds } from '../istio-duration';
import { annotationProblems, labelProblems, type Labels } from '../labels';
import { MeshConstruct } from '../mesh-construct';
import { MeshOrder } from '../mesh-order';
import { namespaceName, type NamespaceReference } from '../namespaces/namespace-reference';
import { wholeNumberProblem } from '../number-range';
import { labelNameProblem, objectNameProblem } from '../object-name';
import { entryProblems, type ServiceEndpoint } from './resolution';

/** How often a probe asks, and when it decides. */
export interface ProbeOptions {
  /**
   * Time before the first probe, in whole seconds.
   *
   * @default - none
   */
  readonly initialDelay?: Duration;

  /**
   * Time between probes, in whole seconds.
   *
   * @default - Istio's: 10 seconds
   */
  readonly period?: Duration;

  /**
   * Time for an answer, in whole seconds.
   *
   * @default - Istio's: 1 second
   */
  readonly timeout?: Duration;

  /**
   * Answers in a row after which the workload is ready.
   *
   * @default - Istio's: 1
   */
  readonly successThreshold?: number;

  /**
   * Failures in a row after which it is not.
   *
   * @default - Istio's: 3
   */
  readonly failureThreshold?: number;
}

/** Options of {@link ReadinessProbe.httpGet}. */
export interface HttpProbeOptions extends ProbeOptions {
  /**
   * The path that is asked for.
   *
   * @default - Istio's: `/`
   */
  readonly path?: string;

  /**
   * The host that is asked.
   *
   * @default - the workload itself
   */
  readonly host?: string;

  /**
   * Whether TLS is spoken.
   *
   * @default - Istio's: 'HTTP'
   */
  readonly scheme?: 'HTTP' | 'HTTPS';

  /**
   * Headers of the request.
   *
   * @default - none
   */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * How the agent beside a workload finds out whether it is ready.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/workload-group/#ReadinessProbe
 */
export class ReadinessProbe {
  /** By a request over HTTP that is answered with 200 to 399. */
  static httpGet(
    port: number,
    { path, host, scheme, headers = {}, ...options }: HttpProbeOptions = {},
  ): ReadinessProbe {
    const httpHeaders = Object.entries(headers).map(([name, value]) => ({ name, value }));
    const httpGet = definedFields({
      port,
      path,
      host,
      scheme,
      httpHeaders: httpHeaders.length > 0 ? httpHeaders : undefined,
    });
    return new ReadinessProbe({ httpGet }, options, [
      ...wholeNumberProblem('probe port', port, 1, 65535),
      ...Object.keys(headers)
        .filter((name) => !/^[-A-Za-z0-9]+$/.test(name))
        .map((name) => `probe header '${name}' is not a valid header name: write letters, digits and '-'`),
    ]);
  }

  /** By a connection. */
  static tcpSocket(port: number, options: ProbeOptions = {}): ReadinessProbe {
    return new ReadinessProbe({ tcpSocket: { port } }, options, wholeNumberProblem('probe port', port, 1, 65535));
  }

  /** By a command that ends with 0. */
  static exec(command: readonly [string, ...string[]], options: ProbeOptions = {}): ReadinessProbe {
    return new ReadinessProbe(
      { exec: { command } },
      options,
      [...command].length > 0 ? [] : ['probe has an empty command: write it'],
    );
  }

  private constructor(
    private readonly method: Readonly<Record<string, unknown>>,
    private readonly options: ProbeOptions,
    private readonly found: readonly string[],
  ) {}

  /** The probe as the `probe` of a WorkloadGroup. */
  render(): Readonly<Record<string, unknown>> {
    const { initialDelay, period, timeout, successThreshold, failureThreshold } = this.options;
    return definedFields({
      initialDelaySeconds: initialDelay?.toSeconds(),
      periodSeconds: period?.toSeconds(),
      timeoutSeconds: timeout?.toSeconds(),
      successThreshold,
      failureThreshold,
      ...this.method,
    });
  }

  /** The problems with the probe, one sentence each. */
  problems(): string[] {
    const { initialDelay, period, timeout, successThreshold, failureThreshold } = this.options;
    return [
      ...this.found,
      ...Object.entries({ initialDelay, period, timeout })
        .filter(([, duration]) => duration && milliseconds(duration) % 1000 !== 0)
        .map(
          ([prop, duration]) =>
            `probe ${prop} ${duration ? istioDuration(duration) : ''} is not whole seconds: write a whole number of them`,
        ),
      ...wholeNumberProblem('probe successThreshold', successThreshold, 0),
      ...wholeNumberProblem('probe failureThreshold', failureThreshold, 0),
    ];
  }
}

/** What the entries of a {@link WorkloadGroup} have in common. A workload that joins the mesh puts its own address there. */
export type WorkloadTemplate = ServiceEndpoint;

/** Properties of {@link WorkloadGroup}. */
export interface WorkloadGroupProps {
  /** The namespace of the WorkloadGroup, as the construct or by name. */
  readonly namespace: NamespaceReference;

  /** What its workloads have in common. */
  readonly template: WorkloadTemplate;

  /**
   * Labels of the workloads.
   *
   * @default - none
   */
  readonly labels?: Labels;

  /**
   * Annotations of the workloads.
   *
   * @default - none
   */
  readonly annotations?: Readonly<Record<string, string>>;

  /**
   * How it is found out whether a workload is ready.
   *
   * @default - it is, as soon as its proxy is
   */
  readonly probe?: ReadinessProbe;

  /**
   * `metadata.name` of the WorkloadGroup.
   *
   * @default - the construct's id
   */
  readonly name?: string;
}

/**
 * What workloads outside of Kubernetes have in common, such as virtual machines of an autoscaling group: each that joins
 * the mesh becomes a WorkloadEntry by this template.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/workload-group/
 */
export class WorkloadGroup extends MeshConstruct {
  /** The raw WorkloadGroup. */
  readonly workloadGroupObject: ApiObject;

  /** @throws Error that lists all problems: ports, labels, probes or names that are none */
  constructor(scope: Construct, id: string, props: WorkloadGroupProps) {
    super(scope, id);
    const { name = id, template, labels = {}, annotations = {}, probe } = props;
    const namespace = namespaceName(props.namespace);
    throwProblems(this, [
      ...objectNameProblem(name),
      ...labelNameProblem('namespace', namespace),
      ...labelProblems('labels', labels),
      ...annotationProblems('annotations', annotations),
      ...Object.entries(template.ports ?? {}).flatMap(([port, number]) => [
        ...labelNameProblem('template.ports', port),
        ...wholeNumberProblem(`template.ports.${port}`, number, 1, 65535),
      ]),
      ...(template.address === undefined
        ? []
        : entryProblems({ address: template.address }).map((problem) => `template.${problem}`)),
      ...labelProblems('template.labels', template.labels ?? {}),
      ...wholeNumberProblem('template.weight', template.weight, 1),
      ...(probe?.problems() ?? []),
    ]);
    this.workloadGroupObject = new ApiObject(this, 'Default', {
      apiVersion: 'networking.istio.io/v1',
      kind: 'WorkloadGroup',
      metadata: { name, namespace },
      spec: {
        ...fieldOf('metadata', { ...fieldOf('labels', labels), ...fieldOf('annotations', annotations) }),
        template: definedFields({ ...template }),
        ...(probe ? { probe: probe.render() } : {}),
      },
    });
    MeshOrder.of(this).addObjects(this);
  }
}
