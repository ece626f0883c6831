import type { Scalar } from 'yaml';
import { UNPRINTABLE } from '../../engine/cluster/clean-text';

/** Not in YAML, or the end of a line in YAML 1.1; within quotes alone, where an escape stands for each. */
const UNWRITABLE = new RegExp(String.raw`[${UNPRINTABLE}\p{Cs}\u007f\ufeff\ufffe\uffff]`, 'gu');
/** Readers differ in which of all others are numbers, times, or of YAML's own signs. */
const BEGINS_WITH_LETTER = /^\p{L}/u;
/** Readers differ in which of these are switches. */
const WORDS = /^(?:y|yes|n|no|on|off|true|false|null)$/i;

/** Data for programs as YAML, of which readers of YAML 1.1 and of 1.2 make the same. */
export async function asYaml(data: object): Promise<string> {
  const { Document, visit } = await import('yaml');
  const document = new Document(data, { aliasDuplicateObjects: false });
  visit(document, {
    Scalar: (_, scalar: Scalar) => {
      if (typeof scalar.value === 'string' && needsQuotes(scalar.value)) {
        scalar.type = 'QUOTE_DOUBLE';
      }
    },
  });
  return document
    .toString({ lineWidth: 0 })
    .trimEnd()
    .replace(UNWRITABLE, (character) => (character === '\n' ? character : escaped(character)));
}

function needsQuotes(text: string): boolean {
  return !BEGINS_WITH_LETTER.test(text) || WORDS.test(text) || text.replaceAll('\n', '').search(UNWRITABLE) >= 0;
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
