import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { codeBlocks } from './code-blocks';
import { PackageProgram } from './package-program';

const PROJECT = join(__dirname, '..', '..');
const DOCUMENTS = ['README.md', 'ARCHITECTURE.md', 'CHANGELOG.md', ...documentsBelow('docs')];

const read = (file: string) => readFileSync(join(PROJECT, file), 'utf8');
const readme = read('README.md');

describe('the documents', () => {
  const program = new PackageProgram(
    PROJECT,
    DOCUMENTS.flatMap((document) => codeBlocks(PROJECT, document)).filter(({ language }) => language === 'ts'),
    ['lib/restart/plan.ts', 'lib/restart/restart-error.ts'],
  );

  test('hold TypeScript that compiles against the package', () => {
    expect(program.problems()).toEqual([]);
  });

  test('hold YAML that parses', () => {
    const problems = DOCUMENTS.flatMap((document) => codeBlocks(PROJECT, document))
      .filter(({ language }) => language === 'yaml')
      .flatMap(({ document, line, text }) =>
        parseAllDocuments(text).flatMap(({ errors }) =>
          errors.map(({ message }) => `${document}:${String(line)}: ${message}`),
        ),
      );
    expect(problems).toEqual([]);
  });

  test('link to files and headings that are there', () => {
    const broken = DOCUMENTS.flatMap((document) =>
      [...read(document).matchAll(/\]\(([^)\s]+)\)/g)]
        .map(([, target = '']) => target)
        .filter((target) => !/^https?:/.test(target))
        .filter((target) => {
          const [path = '', heading] = target.split('#');
          const file = path === '' ? document : join(dirname(document), path);
          return !existsSync(join(PROJECT, file)) || (heading !== undefined && !headings(read(file)).includes(heading));
        })
        .map((target) => `${document}: ${target}`),
    );
    expect(broken).toEqual([]);
  });

  test('name npm scripts that package.json has', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = DOCUMENTS.flatMap((document) =>
      [...read(document).matchAll(/\bnpm (?:run ([\w:-]+)|(start|test)\b)/g)].map(([, run, own]) => run ?? own ?? ''),
    );
    expect(named).toEqual(expect.arrayContaining(['start', 'test', 'synth', 'build', 'test:unit']));
    expect(named.filter((script) => !(script in scripts))).toEqual([]);
  });

  describe('README.md', () => {
    test.each([
      ['RestartErrorCode', 'lib/restart/restart-error.ts'],
      ['Reason', 'lib/restart/plan.ts'],
      ['Decision', 'lib/restart/plan.ts'],
    ])('has a row for every %s, and for no other', (type, file) => {
      const column = { RestartErrorCode: 'code', Reason: 'reason', Decision: 'decision' }[type] ?? '';
      expect([...new Set(columnOf(readme, column))].sort()).toEqual(program.literals(file, type).sort());
    });

    test('shows the code that the test of AWS CDK runs', () => {
      const name = '// add-mesh.ts\n';
      const block = codeBlocks(PROJECT, 'README.md').find(({ text }) => text.startsWith(name));
      expect(block?.text).toBe(name + read('test/mesh/composition/add-mesh.ts'));
    });

    test('gives the test command that the continuous integration runs', () => {
      const [command] = codeBlocks(PROJECT, 'README.md').filter(
        ({ line }) => line > readme.split('\n').indexOf('## Tests'),
      );
      expect(command?.text.trim()).toBe(read('.ci/run').trimEnd().split('\n').at(-1));
    });
  });
});

function documentsBelow(folder: string): string[] {
  return existsSync(join(PROJECT, folder))
    ? readdirSync(join(PROJECT, folder), { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.md'))
        .map((file) => join(folder, file))
    : [];
}

/** The anchors of a document's headings, as GitHub makes them. */
function headings(text: string): string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replace(/ /g, '-'),
  );
}

/** The code in one column of the table that has a column of this heading. */
function columnOf(text: string, heading: string): string[] {
  const cells = (row: string) => row.split('|').map((cell) => cell.trim());
  const lines = text.split('\n');
  const header = lines.findIndex((line) => line.startsWith('|') && cells(line).includes(heading));
  const column = cells(lines[header] ?? '').indexOf(heading);
  const rows = lines.slice(header + 2);
  const end = rows.findIndex((line) => !line.startsWith('|'));
  return rows.slice(0, end).map((row) => (cells(row)[column] ?? '').replace(/`/g, ''));
}
