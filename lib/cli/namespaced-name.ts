import { InvalidArgumentError } from 'commander';

/** An object in a namespace, as a flag names it. */
export interface NamespacedName {
  readonly namespace: string;
  readonly name: string;
}

const NAME = /^[a-z0-9](?:[-.a-z0-9]{0,251}[a-z0-9])?$/;

/**
 * Reads `namespace/name`.
 *
 * @param example shown where the text is something else
 * @throws InvalidArgumentError
 */
export function namespacedName(example: string): (text: string) => NamespacedName {
  return (text) => {
    const [namespace = '', name = '', ...rest] = text.split('/');
    if (!NAME.test(namespace) || !NAME.test(name) || rest.length > 0) {
      throw new InvalidArgumentError(`Write namespace/name, such as ${example}.`);
    }
    return { namespace, name };
  };
}
