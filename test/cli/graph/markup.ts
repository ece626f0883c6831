/** An element with the text that is directly in it. */
export interface MarkupElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  text: string;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&amp;': '&',
  '&quot;': '"',
  '&#39;': "'",
};
const NAME = '[A-Za-z][-A-Za-z0-9]*';
const TOKEN = new RegExp(
  `<(?<open>${NAME})(?<attributes>(?: [A-Za-z][-A-Za-z:]*="(?:[^<&"]|&(?:lt|gt|amp|quot|#39);)*")*)(?<empty>/?)>|</(?<close>${NAME})>|(?<text>(?:[^<&]|&(?:lt|gt|amp|quot|#39);)+)`,
  'gsu',
);
/** What XML 1.0 does not allow. */
const NO_XML = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

/**
 * The elements of a text that is strictly well-formed XML with one root, in the order in which they begin.
 *
 * @throws Error that says where the text is not well-formed
 */
export function elementsOf(markup: string): readonly MarkupElement[] {
  const wrong = NO_XML.exec(markup);
  if (wrong) throw new Error(`no XML character at ${String(wrong.index)}`);
  const elements: MarkupElement[] = [];
  const open: MarkupElement[] = [];
  let end = 0;
  for (const token of markup.trim().matchAll(TOKEN)) {
    if (token.index !== end) throw new Error(`not well-formed: ${markup.slice(end, end + 80)}`);
    end += token[0].length;
    const { open: name, attributes = '', empty, close, text } = token.groups ?? {};
    if (name !== undefined) {
      if (open.length === 0 && elements.length > 0) throw new Error(`a second root: ${name}`);
      const element = { name, attributes: attributesOf(attributes), text: '' };
      elements.push(element);
      if (!empty) open.push(element);
    } else if (close !== undefined) {
      const last = open.pop();
      if (last?.name !== close) throw new Error(`</${close}> ends <${last?.name ?? ''}>`);
    } else {
      const last = open.at(-1);
      if (!last) throw new Error(`text outside of the root: ${String(text)}`);
      last.text += decoded(text ?? '');
    }
  }
  if (end !== markup.trim().length || open.length > 0) throw new Error(`not closed: ${markup.slice(end, end + 80)}`);
  return elements;
}

/** The text of the first element of that name. */
export function textOf(elements: readonly MarkupElement[], name: string): string {
  return elements.find((element) => element.name === name)?.text ?? '';
}

function attributesOf(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [, name = '', value = ''] of text.matchAll(/ ([A-Za-z][-A-Za-z:]*)="([^"]*)"/g)) {
    if (name in found) throw new Error(`attribute ${name} twice`);
    found[name] = decoded(value);
  }
  return found;
}

function decoded(text: string): string {
  return text.replace(/&[^;]+;/g, (entity) => ENTITIES[entity] ?? entity);
}
