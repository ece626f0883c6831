import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DOCUMENTS, PROJECT, read } from './documents';
import { anchorsOf, brokenLinks } from './links';

describe('the documents', () => {
  const documents = Object.fromEntries(DOCUMENTS.map((document) => [document, read(document)]));

  test('link to files and headings that are there', () => {
    expect(brokenLinks({ documents, exists: (path) => existsSync(join(PROJECT, path)) })).toEqual([]);
  });

  test('are all linked to from the README', () => {
    const unlinked = DOCUMENTS.filter((document) => document !== 'README.md').filter(
      (document) => !read('README.md').includes(`](${document})`),
    );
    expect(unlinked).toEqual([]);
  });
});

describe('brokenLinks', () => {
  const exists = (path: string) => ['LICENSE', 'docs', 'docs/guide.md'].includes(path);

  test('names, by document and line, what leads nowhere', () => {
    const documents = {
      'README.md': [
        '# One',
        '[a](docs/gone.md), [b](docs/guide.md#gone) and [c](#gone)',
        '',
        'a [link over',
        'two lines](GONE "with a title")',
        '[reference]: gone.md',
      ].join('\n'),
      'docs/guide.md': '[up](../GONE), [beside](gone.md)',
    };
    expect(brokenLinks({ documents, exists })).toEqual([
      'README.md:2: docs/gone.md',
      'README.md:2: docs/guide.md#gone',
      'README.md:2: #gone',
      'README.md:5: GONE',
      'README.md:6: gone.md',
      'docs/guide.md:1: ../GONE',
      'docs/guide.md:1: gone.md',
    ]);
  });

  test('accepts files, folders, headings and other places, and leaves code alone', () => {
    const documents = {
      'README.md': [
        '# One',
        '[a](LICENSE), [b](docs), [c](docs/guide.md#two-of-it), [d](#one), [e](https://example.com/#x)',
        '`[f](gone)`',
        '```ts',
        'const g = list[0](gone);',
        '```',
      ].join('\n'),
      'docs/guide.md': '## Two of it\n[up](../README.md#one)',
    };
    expect(brokenLinks({ documents, exists })).toEqual([]);
  });
});

test('anchors are those that GitHub makes', () => {
  const text = [
    '## plan --with',
    '### `check`, and *why*',
    '```sh',
    '# a comment',
    '```',
    '# Two',
    '# Two',
    '## Über [a link](x.md)',
  ];
  expect(anchorsOf(text.join('\n'))).toEqual(['plan---with', 'check-and-why', 'two', 'two-1', 'über-a-link']);
});
