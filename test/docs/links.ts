import { dirname, join, normalize } from 'node:path';
import { withoutFences } from './without-fences';

/** Documents by path, and all that they may link to. */
export interface LinkedFiles {
  readonly documents: Readonly<Record<string, string>>;
  /** Whether there is such a file or folder. */
  readonly exists: (path: string) => boolean;
}

/** The links of the documents that lead to no file, or to no heading of a document: `README.md:12: docs/gone.md`. */
export function brokenLinks({ documents, exists }: LinkedFiles): readonly string[] {
  return Object.entries(documents).flatMap(([document, text]) =>
    linksOf(text)
      .filter(({ target }) => !/^[a-z]+:/.test(target))
      .filter(({ target }) => {
        const [path = '', anchor] = target.split('#');
        const file = path === '' ? document : normalize(join(dirname(document), path));
        const isThere = file in documents || exists(file);
        return !isThere || (anchor !== undefined && !anchorsOf(documents[file] ?? '').includes(anchor));
      })
      .map(({ target, line }) => `${document}:${String(line)}: ${target}`),
  );
}

/** The anchors of a document's headings, as GitHub makes them: the second of two equal ones ends in `-1`. */
export function anchorsOf(text: string): readonly string[] {
  const slugs = [...withoutFences(text).matchAll(/^#{1,6} (.*)$/gm)].map(([, heading = '']) =>
    heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_\- ]/gu, '')
      .replaceAll(' ', '-'),
  );
  return slugs.map((slug, index) => {
    const before = slugs.slice(0, index).filter((other) => other === slug).length;
    return before === 0 ? slug : `${slug}-${String(before)}`;
  });
}

/** What links and images, `[text](target)` or `[text]: target`, lead to. */
function linksOf(text: string): readonly { readonly target: string; readonly line: number }[] {
  const prose = withoutFences(text).replace(/`[^`\n]*`/g, 'code');
  return [...prose.matchAll(/\]\(([^)\s]+)[^)]*\)|^\[[^\]]+\]:\s+(\S+)/gm)].map(
    ({ 1: inline, 2: reference, index }) => ({
      target: inline ?? reference ?? '',
      line: prose.slice(0, index).split('\n').length,
    }),
  );
}
