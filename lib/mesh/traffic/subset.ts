import {
  destinationPolicyProblems,
  NO_POLICY,
  renderDestinationPolicy,
  type DestinationPolicy,
} from './destination-policy';
import { fieldOf } from '../fields';
import { labelProblems, type Labels } from '../labels';
import { labelNameProblem } from '../object-name';

/**
 * A group of a host's pods, with optional settings of its own for clients.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/destination-rule/#Subset
 */
export class Subset {
  /** The pods with these labels. Settings that the policy omits are inherited from the host's policy. */
  static labels(labels: Labels, policy: DestinationPolicy = NO_POLICY): Subset {
    return new Subset(labels, policy);
  }

  /**
   * All of the host's pods, under a name that routes can use as their destination. The policy applies only to those
   * routes.
   */
  static all(policy: DestinationPolicy = NO_POLICY): Subset {
    return new Subset(undefined, policy);
  }

  /** Converts labels to a subset; returns a subset unchanged. */
  static from(subset: Subset | Labels): Subset {
    return subset instanceof Subset ? subset : new Subset(subset, NO_POLICY);
  }

  private constructor(
    /** Labels of the pods; undefined for all pods. */
    readonly podLabels: Labels | undefined,
    /** Settings of clients for the subset. */
    readonly policy: DestinationPolicy,
  ) {}

  /** The subset as an entry of a DestinationRule's `subsets`. */
  render(name: string): Readonly<Record<string, unknown>> {
    return {
      name,
      ...fieldOf('labels', this.podLabels ?? {}),
      ...fieldOf('trafficPolicy', renderDestinationPolicy(this.policy)),
    };
  }

  /** The problems with the subset, one sentence each. It inherits omitted settings from the host's policy. */
  problems(name: string, host: DestinationPolicy): string[] {
    return [
      ...labelNameProblem('subset', name),
      ...labelProblems(`subset '${name}'`, this.podLabels ?? {}),
      ...destinationPolicyProblems(`subset '${name}': `, this.policy, [host]),
    ];
  }

  /** Likely mistakes in the subset, one sentence each. */
  warnings(name: string): string[] {
    return this.podLabels && Object.keys(this.podLabels).length === 0
      ? [`subset '${name}' has no labels: name one, such as { version: '${name}' }, or write Subset.all()`]
      : [];
  }
}
