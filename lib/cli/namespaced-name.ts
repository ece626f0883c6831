import { InvalidArgumentError } from '../bundled-libraries/commander';

/** The namespace and name of an object in a flag. */
export interface NamespacedName {
  readonly namespace: string;
  readonly name: string;
}

const NAME = /^[a-z0-9](?:[-.a-z0-9]{0,251}[a-z0-9])?$/;

/**
 * Parses `namespace/name`.
 *
 * @param example a valid value, which the error for an invalid one shows
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
