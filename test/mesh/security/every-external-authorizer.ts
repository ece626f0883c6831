import { Duration, Size, type Chart } from 'cdk8s';
import {
  AuthorizationAction,
  AuthorizationPolicy,
  AuthorizerFailure,
  ExternalAuthorizer,
  Requests,
} from 'istio-module';

export const EVERY_AUTHORIZER = [
  ExternalAuthorizer.grpc({
    name: 'opa',
    service: 'opa.security.svc.cluster.local',
    port: 9191,
    timeout: Duration.seconds(2),
    onFailure: AuthorizerFailure.LET_IN,
    includeRequestBodyInCheck: { maxSize: Size.kibibytes(8), allowPartialMessage: true, packAsBytes: true },
  }),
  ExternalAuthorizer.http({
    name: 'login',
    service: 'security/login.example.com',
    port: 80,
    statusOnError: 503,
    pathPrefix: '/check',
    includeRequestHeadersInCheck: ['cookie', 'x-*', '*-id'],
    includeAdditionalHeadersInCheck: { 'x-mesh': 'shop' },
    includeRequestBodyInCheck: { maxSize: Size.mebibytes(1) },
    headersToUpstreamOnAllow: ['authorization'],
    headersToDownstreamOnAllow: ['set-cookie'],
    headersToDownstreamOnDeny: ['location'],
  }),
];

/** A policy for each external authorizer, as an object; the module defines them. */
export function everyExternalAuthorizer(chart: Chart): void {
  for (const authorizer of EVERY_AUTHORIZER) {
    new AuthorizationPolicy(chart, `ask-${authorizer.providerName}`, {
      namespace: 'shop',
      workload: { app: authorizer.providerName },
      action: AuthorizationAction.custom(authorizer),
      rules: Requests.ALL,
    });
  }
}
