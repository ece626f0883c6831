import { providerName, type ProviderReference } from '../telemetry/extension-provider';
import type { ExternalAuthorizer } from './external-authorizer';

/**
 * What a proxy does with the requests that an authorization policy's rules match.
 *
 * @see https://istio.io/latest/docs/reference/config/security/authorization-policy/#AuthorizationPolicy-Action
 */
export class AuthorizationAction {
  /** Lets them in, and refuses all that no ALLOW policy of the workload matches. */
  static readonly ALLOW = new AuthorizationAction('ALLOW');

  /** Refuses them, whatever ALLOW policies say. */
  static readonly DENY = new AuthorizationAction('DENY');

  /** Marks them for the audit log; decides nothing. */
  static readonly AUDIT = new AuthorizationAction('AUDIT');

  /**
   * Asks an external authorizer, before ALLOW and DENY policies are looked at.
   *
   * @param provider one of the module's `externalAuthorizers`, or its name in the mesh configuration's
   * `extensionProviders`
   */
  static custom(provider: ProviderReference<ExternalAuthorizer>): AuthorizationAction {
    return new AuthorizationAction('CUSTOM', provider);
  }

  private constructor(
    /** The action in Istio's word. */
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
      ? ["action CUSTOM names no provider: write its name in the mesh configuration's extensionProviders"]
      : [];
  }
}
