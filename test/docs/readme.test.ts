import { App, Chart } from 'cdk8s';
import { Group } from 'cdk8s-plus-27';
import { SidecarRestartAccess } from 'istio-module';
import { parseAllDocuments } from 'yaml';
import { codeBlocks } from './code-blocks';
import { DOCUMENTS, PROJECT, read } from './documents';
import { codeIn, tableWith } from './markdown-table';
import { PackageProgram } from './package-program';

const readme = read('README.md');
const blocks = DOCUMENTS.flatMap((document) => codeBlocks(PROJECT, document));

describe('the documents', () => {
  const program = new PackageProgram(
    PROJECT,
    blocks.filter(({ language }) => language === 'ts'),
    ['lib/engine/plan/plan.ts', 'lib/engine/restart-error.ts'],
  );

  test('hold TypeScript that compiles against the package', () => {
    expect(program.problems()).toEqual([]);
  });

  test('hold YAML that parses', () => {
    const problems = blocks
      .filter(({ language }) => language === 'yaml')
      .flatMap(({ document, line, text }) =>
        parseAllDocuments(text).flatMap(({ errors }) =>
          errors.map(({ message }) => `${document}:${String(line)}: ${message}`),
        ),
      );
    expect(problems).toEqual([]);
  });

  test('name npm scripts that package.json has', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = DOCUMENTS.flatMap((document) =>
      [...read(document).matchAll(/\bnpm (?:run ([\w:-]+)|(start|test)\b)/g)].map(([, run, own]) => run ?? own ?? ''),
    );
    expect(named).toEqual(expect.arrayContaining(['start', 'test', 'synth', 'build', 'test:unit']));
    expect(named.filter((script) => !(script in scripts))).toEqual([]);
  });

  test('show the code that the test of AWS CDK runs', () => {
    const name = '// add-mesh.ts\n';
    const block = blocks.find(({ text }) => text.startsWith(name));
    expect(block?.text).toBe(name + read('test/mesh/composition/add-mesh.ts'));
  });

  describe('README.md', () => {
    test.each([
      ['RestartErrorCode', 'lib/engine/restart-error.ts', 'code'],
      ['Reason', 'lib/engine/plan/plan.ts', 'reason'],
      ['Decision', 'lib/engine/plan/plan.ts', 'decision'],
    ])('has a row for every %s, and for no other', (type, file, column) => {
      const named = tableWith(readme, column).flatMap((row) => codeIn(row[column]));
      expect([...new Set(named)].sort()).toEqual(program.literals(file, type).sort());
    });

    test('lists the permissions that SidecarRestartAccess grants for a restart', () => {
      const chart = new Chart(new App(), 'access');
      const subjects = [Group.fromName(chart, 'ci', 'ci')];
      const { clusterRole } = new SidecarRestartAccess(chart, 'restart', { subjects, uninstall: false });
      const { rules } = clusterRole.toJson() as {
        rules: { apiGroups: string[]; resources: string[]; verbs: string[] }[];
      };
      const granted = rules.flatMap(({ apiGroups, resources, verbs }) =>
        apiGroups.flatMap((group) =>
          resources.map((resource) => `${resource}${group && '.'}${group}: ${verbs.join(', ')}`),
        ),
      );
      const listed = tableWith(readme, 'resources').flatMap(({ resources, verbs }) =>
        codeIn(resources).map((resource) => `${resource}: ${codeIn(verbs).join(', ')}`),
      );
      expect(listed.sort()).toEqual(granted.sort());
    });

    test('gives the test command that the continuous integration runs', () => {
      const [command] = blocks.filter(
        ({ document, line }) => document === 'README.md' && line > readme.split('\n').indexOf('## Tests'),
      );
      expect(command?.text.trim()).toBe(read('.ci/run').trimEnd().split('\n').at(-1));
    });
  });
});
