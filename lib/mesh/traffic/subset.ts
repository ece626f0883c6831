import { destinationPolicyProblems, renderDestinationPolicy, type DestinationPolicy } from './destination-policy';
import { fieldOf } from '../fields';
import { labelProblems, type Labels } from '../labels';
import { labelNameProblem } from '../object-name';

/**
 * A group of a host's pods with which clients deal in a way of its own.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/destination-rule/#Subset
 */
export class Subset {
  /** The pods with these labels; what the policy leaves out is as for the other pods of the host. */
  static labels(labels: Labels, policy: DestinationPolicy = {}): Subset {
    return new Subset(labels, policy);
  }

  /** The host's endpoints themselves, all of them, with which clients deal in a way of their own. */
  static all(policy: DestinationPolicy): Subset {
    return new Subset({}, policy);
  }

  /** A subset, as it may be given: one, or the labels alone. */
  static from(subset: Subset | Labels): Subset {
    return subset instanceof Subset ? subset : new Subset(subset, {});
  }

  private constructor(
    /** The labels of its pods. */
    readonly podLabels: Labels,
    /** How clients deal with it. */
    readonly policy: DestinationPolicy,
  ) {}

  /** The subset as an entry of a DestinationRule's `subsets`. */
  render(name: string): Readonly<Record<string, unknown>> {
    return {
      name,
      ...fieldOf('labels', this.podLabels),
      ...fieldOf('trafficPolicy', renderDestinationPolicy(this.policy)),
    };
  }

  /** What is wrong with the subset, one sentence each. */
  problems(name: string): string[] {
    const silent =
      Object.keys(this.podLabels).length === 0 && Object.keys(renderDestinationPolicy(this.policy)).length === 0;
    return [
      ...labelNameProblem('subset', name),
      ...(silent
        ? [`subset '${name}' selects by no label: name at least one, such as { version: '${name}' }`]
        : labelProblems(`subset '${name}'`, this.podLabels)),
      ...destinationPolicyProblems(`subset '${name}': `, this.policy),
    ];
  }
}
