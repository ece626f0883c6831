import { destinationPolicyProblems, renderDestinationPolicy, type DestinationPolicy } from './destination-policy';
import { fieldOf } from '../fields';
import { labelProblems, type Labels } from '../labels';
import { labelNameProblem } from '../object-name';

/**
 * A group of a host's pods, with its own settings for clients.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/destination-rule/#Subset
 */
export class Subset {
  /** The pods with these labels; what the policy leaves out is as for the other pods of the host. */
  static labels(labels: Labels, policy: DestinationPolicy = {}): Subset {
    return new Subset(labels, policy);
  }

  /** All of the host's pods under a name of their own, by which routes lead to them; a policy is for those routes alone. */
  static all(policy: DestinationPolicy = {}): Subset {
    return new Subset(undefined, policy);
  }

  /** A subset, as it may be given: one, or the labels alone. */
  static from(subset: Subset | Labels): Subset {
    return subset instanceof Subset ? subset : new Subset(subset, {});
  }

  private constructor(
    /** The labels of its pods; none for all of them. */
    readonly podLabels: Labels | undefined,
    /** How clients deal with it. */
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

  /** The problems with the subset, one sentence each; it inherits what it leaves out of the host's policy. */
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
      ? [`subset '${name}' selects by no label: name one, such as { version: '${name}' }, or write Subset.all()`]
      : [];
  }
}
