import { nameOf } from '../plan/plan';
import type { RestartReport } from '../run/restart-report';

/**
 * What a removal has left to its users, a line each, for `pulumi destroy`: no run follows it, and soon istiod is gone.
 */
export function removalLines({ warnings, deferred, skipped, undetermined }: RestartReport): readonly string[] {
  const lasts =
    'Without istiod its proxy keeps the last configuration that it got, and loses each pod that is replaced';
  return [
    ...warnings.map((one) => `warning: ${nameOf(one)}: ${one.message}. ${lasts}. By hand: ${one.remedy}`),
    ...deferred.map((one) => `warning: ${nameOf(one)}: ${one.message}. ${lasts}: no run follows, restart it by hand.`),
    ...[...skipped, ...undetermined].map((one) => `${nameOf(one)}: ${one.message}`),
  ];
}
