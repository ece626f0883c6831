import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const SOURCES = join(__dirname, '..', '..', 'lib', 'mesh');
/** The advice that every message gives after its problem: `…: write one such as 'a'`. */
const ADVICE = /: ((?:write|leave|set|name|raise|let|say|change|add|give|make|put|use|take|start|enable|allow)\b[^]*)$/;

/**
 * The advice in the messages of the constructs, as far as it is the same for every input: without the values that are
 * filled in.
 */
export function adviceInSources(): readonly string[] {
  const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const found = files.flatMap((file) => {
    const path = join(SOURCES, file);
    return textsOf(ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true));
  });
  return [...new Set(found)].sort();
}

function textsOf(node: ts.Node): string[] {
  const inner: string[] = [];
  node.forEachChild((child) => {
    inner.push(...textsOf(child));
  });
  if (ts.isStringLiteralLike(node)) return [...adviceOf([node.text]), ...inner];
  if (ts.isTemplateExpression(node)) {
    return [...adviceOf([node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)]), ...inner];
  }
  return inner;
}

/** The longest fixed part of the advice in a text, between whose parts values are filled in. */
function adviceOf(parts: readonly string[]): string[] {
  const [, advice] = ADVICE.exec(parts.join('\0')) ?? [];
  const [longest = ''] = (advice ?? '').split('\0').sort((one, other) => other.length - one.length);
  return longest.trim() === '' ? [] : [longest.trim()];
}
