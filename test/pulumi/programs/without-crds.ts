import type { IstioModuleProps } from 'istio-module';

/**
 * Raw values that leave CRDs out: the largest CRDs are most of what an update of a whole chart has to compare.
 *
 * @param names such as `sidecars.networking.istio.io`
 */
export function withoutCrds(...names: readonly string[]): NonNullable<IstioModuleProps['values']> {
  return { base: { base: { excludedCRDs: names } } };
}
