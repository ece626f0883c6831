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

/** Timing and thresholds of a probe. */
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
   * Timeout of a probe, in whole seconds.
   *
   * @default - Istio's: 1 second
   */
  readonly timeout?: Duration;

  /**
   * Number of consecutive successes after which the workload is ready.
   *
   * @default - Istio's: 1
   */
  readonly successThreshold?: number;

  /**
   * Number of consecutive failures after which the workload is not ready.
   *
   * @default - Istio's: 3
   */
  readonly failureThreshold?: number;
}

/** Options of {@link ReadinessProbe.httpGet}. */
export interface HttpProbeOptions extends ProbeOptions {
  /**
   * Path of the request.
   *
   * @default - Istio's: `/`
   */
  readonly path?: string;

  /**
   * Host of the request.
   *
   * @default - the workload itself
   */
  readonly host?: string;

  /**
   * Scheme of the request.
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
 * The probe with which the agent beside a workload determines whether the workload is ready.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/workload-group/#ReadinessProbe
 */
export class ReadinessProbe {
  /** An HTTP request, which succeeds with status 200 to 399. */
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

  /** A TCP connection, which succeeds if it is established. */
  static tcpSocket(port: number, options: ProbeOptions = {}): ReadinessProbe {
    return new ReadinessProbe({ tcpSocket: { port } }, options, wholeNumberProblem('probe port', port, 1, 65535));
  }

  /** A command, which succeeds with exit code 0. */
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
            `probe ${prop} ${duration ? istioDuration(duration) : ''} is not a whole number of seconds: write a whole number of seconds`,
        ),
      ...wholeNumberProblem('probe successThreshold', successThreshold, 0),
      ...wholeNumberProblem('probe failureThreshold', failureThreshold, 0),
    ];
  }
}

/**
 * The template for the WorkloadEntries of a {@link WorkloadGroup}. A workload that joins the mesh adds its own address.
 */
export type WorkloadTemplate = ServiceEndpoint;

/** Properties of {@link WorkloadGroup}. */
export interface WorkloadGroupProps {
  /** The namespace of the WorkloadGroup, as the construct or by name. */
  readonly namespace: NamespaceReference;

  /** Template for the WorkloadEntries. */
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
   * Probe that determines whether a workload is ready.
   *
   * @default - none; a workload is ready as soon as its proxy is
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
 * A group of workloads outside Kubernetes, such as the virtual machines of an autoscaling group. Each workload that
 * joins the mesh becomes a WorkloadEntry from the group's template.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/workload-group/
 */
export class WorkloadGroup extends MeshConstruct {
  /** The raw WorkloadGroup. */
  readonly workloadGroupObject: ApiObject;

  /** @throws Error that lists all problems: invalid ports, labels, probes or names */
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
