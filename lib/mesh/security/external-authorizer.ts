import { SizeRoundingBehavior, type Duration, type Size } from 'cdk8s';
import { definedFields } from '../fields';
import { isHeaderName } from '../http-header-name';
import { durationProblem, istioDuration } from '../istio-duration';
import { wholeNumberProblem } from '../number-range';
import { hostOf } from '../namespaces/service-reference';
import { labelNameProblem } from '../object-name';
import type { ExtensionProvider, ProviderSource } from '../telemetry/extension-provider';
import { addressProblems, type ProviderAddress } from '../telemetry/provider-address';

/** What happens to a request if the authorizer cannot be reached or fails. */
export enum AuthorizerFailure {
  /** The request is denied: the authorizer fails closed. */
  REFUSE = 'refuse',

  /** The request is allowed: the authorizer fails open. */
  LET_IN = 'let in',
}

/** The body of a request that is sent to the authorizer. */
export interface AuthorizerRequestBody {
  /** Maximum size of the body that the proxy buffers, at least 1 byte: Istio's `maxRequestBytes`. */
  readonly maxSize: Size;

  /**
   * Whether the authorizer gets the first part of a larger body. Otherwise, such a request is denied with status 413,
   * regardless of `onFailure`.
   *
   * @default false
   */
  readonly allowPartialMessage?: boolean;
}

/** The body of a request that is sent to a gRPC authorizer. */
export interface GrpcAuthorizerRequestBody extends AuthorizerRequestBody {
  /**
   * Whether the body is sent as bytes instead of a UTF-8 string.
   *
   * @default false
   */
  readonly packAsBytes?: boolean;
}

export interface ExternalAuthorizerOptions extends ProviderAddress {
  /**
   * Name of the extension provider in the mesh configuration: at most 63 lower-case letters, digits and hyphens.
   */
  readonly name: string;

  /**
   * Timeout for the authorizer's answer, after which it counts as failed.
   *
   * @default - Istio's: 600 seconds
   */
  readonly timeout?: Duration;

  /**
   * What happens to requests if the authorizer fails.
   *
   * @default AuthorizerFailure.REFUSE
   */
  readonly onFailure?: AuthorizerFailure;

  /**
   * HTTP status of requests that are denied because the authorizer fails.
   *
   * @default - Istio's: 403
   */
  readonly statusOnError?: number;
}

/** Options of {@link ExternalAuthorizer.grpc}. */
export interface GrpcAuthorizerOptions extends ExternalAuthorizerOptions {
  /**
   * The part of the request's body that the authorizer gets.
   *
   * @default - none
   */
  readonly includeRequestBodyInCheck?: GrpcAuthorizerRequestBody;
}

/** Options of {@link ExternalAuthorizer.http}. Header names may start or end with `*`, which matches anything. */
export interface HttpAuthorizerOptions extends ExternalAuthorizerOptions {
  /**
   * Prefix that is added to the request's path in the check request, such as `/check`.
   *
   * @default - nothing
   */
  readonly pathPrefix?: string;

  /**
   * Headers of the request that the authorizer gets besides `Host`, method, path and `Content-Length`.
   *
   * @default - none
   */
  readonly includeRequestHeadersInCheck?: readonly string[];

  /**
   * Additional headers of the check request, by name. They replace headers of the request.
   *
   * @default - none
   */
  readonly includeAdditionalHeadersInCheck?: Readonly<Record<string, string>>;

  /**
   * The part of the request's body that the authorizer gets.
   *
   * @default - none
   */
  readonly includeRequestBodyInCheck?: AuthorizerRequestBody;

  /**
   * Headers of the authorizer's response that are added to an allowed request.
   *
   * @default - none
   */
  readonly headersToUpstreamOnAllow?: readonly string[];

  /**
   * Headers of the authorizer's response that the client receives if the request is allowed.
   *
   * @default - none
   */
  readonly headersToDownstreamOnAllow?: readonly string[];

  /**
   * Headers of the authorizer's response that the client receives if the request is denied.
   *
   * @default - all of them
   */
  readonly headersToDownstreamOnDeny?: readonly string[];
}

/** The statuses that Envoy defines, which have gaps. */
const STATUSES: readonly (readonly [from: number, to: number])[] = [
  ...([
    [100, 100],
    [200, 208],
    [226, 226],
    [300, 305],
    [307, 308],
    [400, 417],
    [421, 424],
    [426, 426],
  ] as const),
  ...([
    [428, 429],
    [431, 431],
    [500, 508],
    [510, 511],
  ] as const),
];

/**
 * A service that authorizes requests, for {@link AuthorizationAction.custom}. The prop `externalAuthorizers` of an
 * IstioModule defines it.
 *
 * @see https://istio.io/latest/docs/tasks/security/authorization/authz-custom/
 */
export class ExternalAuthorizer implements ProviderSource {
  /** An authorizer that implements Envoy's `ext_authz` over gRPC. It also authorizes TCP connections. */
  static grpc(options: GrpcAuthorizerOptions): ExternalAuthorizer {
    const { includeRequestBodyInCheck: body } = options;
    return new ExternalAuthorizer(options, body, {
      envoyExtAuthzGrpc: definedFields({ ...renderCommon(options), includeRequestBodyInCheck: renderBody(body) }),
    });
  }

  /** An authorizer that receives each request over HTTP, by default without its body, and allows it with status 200. */
  static http(options: HttpAuthorizerOptions): ExternalAuthorizer {
    const { pathPrefix, includeRequestBodyInCheck: body, includeAdditionalHeadersInCheck, ...rest } = options;
    return new ExternalAuthorizer(
      options,
      body,
      {
        envoyExtAuthzHttp: definedFields({
          ...renderCommon(options),
          pathPrefix,
          includeRequestHeadersInCheck: rest.includeRequestHeadersInCheck,
          includeAdditionalHeadersInCheck,
          includeRequestBodyInCheck: renderBody(body),
          headersToUpstreamOnAllow: rest.headersToUpstreamOnAllow,
          headersToDownstreamOnAllow: rest.headersToDownstreamOnAllow,
          headersToDownstreamOnDeny: rest.headersToDownstreamOnDeny,
        }),
      },
      (at) => httpProblems(at, options),
    );
  }

  /** Name of the extension provider in the mesh configuration. */
  readonly providerName: string;

  private constructor(
    private readonly options: ExternalAuthorizerOptions,
    private readonly body: AuthorizerRequestBody | undefined,
    private readonly provider: Readonly<Record<string, unknown>>,
    private readonly check: (at: string) => string[] = () => [],
  ) {
    this.providerName = options.name;
  }

  /** The provider, as an entry of `meshConfig.extensionProviders`. */
  extensionProvider(): ExtensionProvider {
    return { name: this.providerName, ...this.provider };
  }

  /**
   * The problems with the options, one sentence each.
   *
   * @param at path of the options, for messages
   */
  problems(at: string): string[] {
    const { timeout, onFailure, statusOnError: status } = this.options;
    const found = [
      ...labelNameProblem(`${at} name`, this.providerName),
      ...addressProblems(at, this.options, 9000, 'authorizer', 'security'),
      ...durationProblem(`${at} timeout`, timeout),
      ...wholeNumberProblem(
        `${at} includeRequestBodyInCheck.maxSize (bytes)`,
        this.body && bytes(this.body.maxSize),
        1,
      ),
      ...this.check(at),
    ];
    if (status !== undefined && !STATUSES.some(([from, to]) => status >= from && status <= to && status % 1 === 0)) {
      found.push(
        `${at} statusOnError ${String(status)} is not an HTTP status that proxies support: write one such as 403 or 503`,
      );
    } else if (status !== undefined && onFailure === AuthorizerFailure.LET_IN) {
      found.push(
        `${at} statusOnError ${String(status)} has no effect with AuthorizerFailure.LET_IN: leave out one of them`,
      );
    }
    return found;
  }
}

function renderCommon({ service, port, timeout, onFailure, statusOnError }: ExternalAuthorizerOptions) {
  return {
    service: hostOf(service),
    port,
    timeout: timeout && istioDuration(timeout),
    failOpen: onFailure && onFailure === AuthorizerFailure.LET_IN,
    statusOnError: statusOnError === undefined ? undefined : String(statusOnError),
  };
}

function renderBody(body: GrpcAuthorizerRequestBody | undefined): Readonly<Record<string, unknown>> | undefined {
  if (!body) return undefined;
  const { maxSize, allowPartialMessage, packAsBytes } = body;
  return definedFields({ maxRequestBytes: bytes(maxSize), allowPartialMessage, packAsBytes });
}

function bytes(size: Size): number {
  return size.toKibibytes({ rounding: SizeRoundingBehavior.NONE }) * 1024;
}

function httpProblems(at: string, options: HttpAuthorizerOptions): string[] {
  const { pathPrefix, includeAdditionalHeadersInCheck = {}, ...rest } = options;
  const {
    includeRequestHeadersInCheck,
    headersToUpstreamOnAllow,
    headersToDownstreamOnAllow,
    headersToDownstreamOnDeny,
  } = rest;
  const lists = {
    includeRequestHeadersInCheck,
    headersToUpstreamOnAllow,
    headersToDownstreamOnAllow,
    headersToDownstreamOnDeny,
  };
  const found: string[] = [];
  if (pathPrefix !== undefined && !/^\/[^\s?#]*$/.test(pathPrefix)) {
    found.push(`${at} pathPrefix '${pathPrefix}' is not a path: write one such as '/check'`);
  }
  for (const [name, value] of Object.entries(includeAdditionalHeadersInCheck)) {
    const prop = `${at} includeAdditionalHeadersInCheck`;
    if (!isHeaderName(name)) found.push(`${prop} has '${name}', which is not a valid header name: write another`);
    if (/[\r\n\0]/.test(value)) found.push(`${prop} '${name}' has a multi-line value: write one line`);
  }
  for (const [prop, headers] of Object.entries(lists)) {
    if (headers?.length === 0) found.push(`${at} ${prop} is empty: name at least one header, or leave it out`);
    for (const header of headers ?? []) {
      // A second * would be treated as a plain character.
      const name = header.replace(/^\*|\*$/, '');
      if (!isHeaderName(name) || name.includes('*')) {
        found.push(
          `${at} ${prop} '${header}' is not a valid header name: write one such as 'x-user', 'x-*' or '*-user'`,
        );
      }
    }
  }
  return found;
}
