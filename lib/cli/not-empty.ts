import { InvalidArgumentError } from 'commander';

/**
 * Reads an argument that must say something: an unset variable of a script is not what it was meant to say.
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
