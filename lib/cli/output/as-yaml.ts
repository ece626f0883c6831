import type { Scalar } from '../../bundled-libraries/yaml';
import { UNPRINTABLE } from '../../engine/cluster/clean-text';

/**
 * Characters that are not allowed in YAML, or end a line in YAML 1.1. They only occur within quotes, and are escaped.
 */
const UNWRITABLE = new RegExp(String.raw`[${UNPRINTABLE}\p{Cs}\u007f\ufeff\ufffe\uffff]`, 'gu');
/** Texts that begin with other characters may be numbers, times or syntax to some parsers, and are quoted. */
const BEGINS_WITH_LETTER = /^\p{L}/u;
/** Parsers differ in which of these are booleans. */
const WORDS = /^(?:y|yes|n|no|on|off|true|false|null)$/i;

/** YAML for programs. Parsers of YAML 1.1 and 1.2 read it in the same way. */
export async function asYaml(data: object): Promise<string> {
  const { Document, visit } = await import('../../bundled-libraries/yaml.js');
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
