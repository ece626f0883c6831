import { InvalidArgumentError } from '../bundled-libraries/commander';

/**
 * Parses an argument that must not be empty. An unset variable in a script would make it empty.
 *
 * @param remedy what to write
 */
export function notEmpty(remedy: string): (text: string) => string {
  return (text) => {
    if (text.trim() === '') {
      throw new InvalidArgumentError(`${remedy}, or leave it out.`);
    }
    return text;
  };
}
