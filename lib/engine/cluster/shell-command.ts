import { isObjectName } from './object-name';

const PLAIN_WORD = /^[A-Za-z0-9_@%+=:,./-]+$/;

/** The words as one command of a POSIX shell, quoted where necessary. */
export function shellCommand(...words: readonly string[]): string {
  return words.map((word) => (PLAIN_WORD.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`)).join(' ');
}

/** The command; empty if one of its names is not a valid object name. */
export function commandAbout(names: readonly string[], command: string): string {
  return names.every(isObjectName) ? command : '';
}
