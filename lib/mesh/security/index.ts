export { AuthorizationAction } from './authorization-action';
export { type AuthorizationOperation } from './authorization-operation';
export { AuthorizationPolicy, type AuthorizationPolicyProps } from './authorization-policy';
export { type AuthorizationRule } from './authorization-rule';
export {
  type AuthorizationSource,
  type AuthorizationSourceFields,
  type ServiceAccountName,
} from './authorization-source';
export { Condition, type ConditionValues } from './condition';
export {
  AuthorizerFailure,
  ExternalAuthorizer,
  type AuthorizerRequestBody,
  type ExternalAuthorizerOptions,
  type GrpcAuthorizerOptions,
  type GrpcAuthorizerRequestBody,
  type HttpAuthorizerOptions,
} from './external-authorizer';
export { Jwks, type JsonWebKeySet } from './jwks';
export { JwtAuthentication, type JwtAuthenticationProps } from './jwt-authentication';
export { type JwtRule } from './jwt-rule';
export { MutualTls } from './mutual-tls';
export { PeerAuthentication, type PeerAuthenticationProps } from './peer-authentication';
export { Requests } from './requests';
export { StrictPeerAuthentication, type StrictPeerAuthenticationProps } from './strict-peer-authentication';
export { TokenLocation, type TokenHeaderOptions } from './token-location';
export { Tokenless } from './tokenless';
