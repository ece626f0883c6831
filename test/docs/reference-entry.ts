import { read } from './documents';
import { codeIn } from './markdown-table';
import { withoutFences } from './without-fences';

/** What a page says about one code or reason, under a heading of that name. */
export interface ReferenceEntry {
  readonly name: string;
  /** Such as `Decision` of `Decision: \`warn\`.`, with the code that follows it. */
  readonly labels: Readonly<Record<string, string>>;
  /** The paragraph that begins with **Cause.**, empty when there is none; likewise for the remedy. */
  readonly cause: string;
  readonly remedy: string;
}

/** The entries of a page in their order: its headings of the third level that are one word. */
export function referenceEntries(document: string): readonly ReferenceEntry[] {
  const sections = withoutFences(read(document)).split(/^### (?=\w+$)/m);
  return sections.slice(1).map((section) => {
    const [name = '', ...lines] = section.split('\n');
    const text = lines.join('\n').split(/^##? /m)[0] ?? '';
    const labels = [...text.matchAll(/(Decision|Before an \w+): (`\w+`)\./g)];
    return {
      name,
      labels: Object.fromEntries(labels.map(([, label = '', value]) => [label, codeIn(value)[0] ?? ''])),
      cause: paragraph(text, 'Cause'),
      remedy: paragraph(text, 'Remedy'),
    };
  });
}

function paragraph(text: string, title: string): string {
  return new RegExp(`^\\*\\*${title}\\.\\*\\* ([^]+?)\\n(?:\\n|$)`, 'm').exec(`${text}\n`)?.[1] ?? '';
}
