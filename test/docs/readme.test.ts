import { App, Chart } from 'cdk8s';
import { Group } from 'cdk8s-plus-27';
import { SidecarRestartAccess } from 'istio-module';
import { parseAllDocuments } from 'yaml';
import { planTable } from '../../lib/cli/plan/plan-table';
import { CART, planFor } from '../cli/plan/example-plan';
import { codeBlocks } from './code-blocks';
import { DOCUMENTS, PROJECT, read } from './documents';
import { codeIn, tableWith } from './markdown-table';
import { PackageProgram } from './package-program';

const blocks = DOCUMENTS.flatMap((document) => codeBlocks(PROJECT, document));

describe('the documents', () => {
  const program = new PackageProgram(
    PROJECT,
    blocks.filter(({ language }) => language === 'ts'),
    ['lib/engine/run/run-event.ts'],
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

  test('show plans with the columns of a plan', () => {
    const columns = (line = '') => line.trim().split(/ {2,}/);
    const [header] = planTable(planFor([CART]), {
      ...{ columns: Infinity, paint: (_, text) => text, selection: '', isWide: false, next: '' },
    });
    const shown = blocks.flatMap(({ text }) =>
      text.split('\n').filter((line) => line.startsWith('NAMESPACE  WORKLOAD')),
    );
    expect(shown.length).toBeGreaterThan(0);
    expect(new Set(shown.map((line) => columns(line).join()))).toEqual(new Set([columns(header).join()]));
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
    expect(block?.text).toBe(name + read('examples/aws-cdk/add-mesh.ts'));
  });

  test('have a row for every event of a run, and for no other', () => {
    const named = tableWith(read('docs/restarts.md'), 'event').flatMap((row) => codeIn(row.event));
    expect(named.sort()).toEqual(program.literals('lib/engine/run/run-event.ts', 'RunEvent', 'type').sort());
  });

  test('list the permissions that SidecarRestartAccess grants for a restart', () => {
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
    const listed = tableWith(read('docs/permissions.md'), 'resources').flatMap(({ resources, verbs }) =>
      codeIn(resources).map((resource) => `${resource}: ${codeIn(verbs).join(', ')}`),
    );
    expect(listed.sort()).toEqual(granted.sort());
  });

  test('give the test command that the continuous integration runs', () => {
    const command = read('.ci/run').trimEnd().split('\n').at(-1) ?? '';
    expect(command).toMatch(/^npm /);
    expect(read('CONTRIBUTING.md')).toContain(`\n${command}\n`);
  });
});
