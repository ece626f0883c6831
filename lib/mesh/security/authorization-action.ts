import { providerName, type ProviderReference } from '../telemetry/extension-provider';
import type { ExternalAuthorizer } from './external-authorizer';

/**
 * What a proxy does with the requests that an authorization policy's rules match.
 *
 * @see https://istio.io/latest/docs/reference/config/security/authorization-policy/#AuthorizationPolicy-Action
 */
export class AuthorizationAction {
  /** Allows the requests, and denies all that match no ALLOW policy of the workload. */
  static readonly ALLOW = new AuthorizationAction('ALLOW');

  /** Denies the requests, even if an ALLOW policy matches them. */
  static readonly DENY = new AuthorizationAction('DENY');

  /** Marks the requests for the audit log, without allowing or denying them. */
  static readonly AUDIT = new AuthorizationAction('AUDIT');

  /**
   * Asks an external authorizer before ALLOW and DENY policies are evaluated.
   *
   * @param provider one of the module's `externalAuthorizers`, or its name in the mesh configuration's
   * `extensionProviders`
   */
  static custom(provider: ProviderReference<ExternalAuthorizer>): AuthorizationAction {
    return new AuthorizationAction('CUSTOM', provider);
  }

  private constructor(
    /** The action, as in Istio's API. */
    readonly name: 'ALLOW' | 'DENY' | 'AUDIT' | 'CUSTOM',
    /** The external authorizer of CUSTOM. */
    readonly provider?: ProviderReference<ExternalAuthorizer>,
  ) {}

  /** The fields of an AuthorizationPolicy's specification. */
  render(): Readonly<Record<string, unknown>> {
    return {
      action: this.name,
      ...(this.provider === undefined ? {} : { provider: { name: providerName(this.provider) } }),
    };
  }

  /** The problems with the action, one sentence each. */
  problems(): string[] {
    return this.provider !== undefined && providerName(this.provider).trim() === ''
      ? ["action CUSTOM has no provider: write its name in the mesh configuration's extensionProviders"]
      : [];
  }
}
