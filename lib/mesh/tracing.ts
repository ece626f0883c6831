/** What {@link Tracing.otlp} takes. */
export interface OtlpTracingOptions {
  /** Host of the OpenTelemetry collector's Service, such as `collector.telemetry.svc.cluster.local`. */
  readonly service: string;

  /** Port of the collector that speaks OTLP over gRPC, 1 to 65535; collectors use 4317. */
  readonly port: number;

  /**
   * How many of a hundred requests are traced, from 0 to 100; fractions are possible.
   *
   * @default - Istio's: 1
   */
  readonly samplingPercent?: number;
}

/**
 * Where proxies send their spans.
 *
 * @see https://istio.io/latest/docs/tasks/observability/distributed-tracing/opentelemetry/
 */
export class Tracing {
  /** Spans over OTLP (gRPC) to an OpenTelemetry collector. */
  static otlp(options: OtlpTracingOptions): Tracing {
    return new Tracing(options);
  }

  /** Name of the extension provider in the mesh configuration. */
  readonly providerName = 'otlp-tracing';

  private constructor(private readonly options: OtlpTracingOptions) {}

  /** The provider, as an entry of `meshConfig.extensionProviders`. */
  extensionProvider(): Readonly<Record<string, unknown>> & { readonly name: string } {
    const { service, port } = this.options;
    return { name: this.providerName, opentelemetry: { service, port } };
  }

  /** The specification of a Telemetry that turns the provider on. */
  telemetrySpec(): Readonly<Record<string, unknown>> {
    const { samplingPercent } = this.options;
    return {
      tracing: [
        {
          providers: [{ name: this.providerName }],
          ...(samplingPercent === undefined ? {} : { randomSamplingPercentage: samplingPercent }),
        },
      ],
    };
  }

  /** What is wrong with the options, one sentence each. */
  problems(): string[] {
    const { service, port, samplingPercent } = this.options;
    const problems: string[] = [];
    if (!/^[A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?$/.test(service)) {
      problems.push(
        `tracing service '${service}' is not a host: write the name of the collector's Service, without port`,
      );
    }
    if (!Number.isInteger(port) || port < 1 || port > 65535) {
      problems.push(`tracing port ${String(port)} is not a port: write a whole number from 1 to 65535, such as 4317`);
    }
    if (samplingPercent !== undefined && !(samplingPercent >= 0 && samplingPercent <= 100)) {
      problems.push(`tracing samplingPercent ${String(samplingPercent)} is out of range: write a number from 0 to 100`);
    }
    return problems;
  }
}
