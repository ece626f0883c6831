import { findingsFor } from '../../lib/engine/inspect/finding';
import type { FindingCode } from '../../lib/engine/inspect/inspection';
import { WORKLOAD_KINDS } from '../../lib/engine/kinds/workload-kinds';
import { PROJECT, read } from './documents';
import { codeIn, tableWith } from './markdown-table';
import { PackageProgram } from './package-program';
import { referenceEntries } from './reference-entry';

const ERROR = 'lib/engine/restart-error.ts';
const PLAN = 'lib/engine/plan/plan.ts';
const WARNING = 'lib/engine/kinds/warning-reason.ts';
const INTERRUPTION = 'lib/engine/kinds/interruption-code.ts';
const INSPECTION = 'lib/engine/inspect/inspection.ts';

const types = new PackageProgram(PROJECT, [], [ERROR, PLAN, WARNING, INTERRUPTION, INSPECTION]);

describe.each([
  ['docs/errors.md', 'RestartErrorCode', ERROR],
  ['docs/reasons.md', 'Reason', PLAN],
  ['docs/findings.md', 'FindingCode', INSPECTION],
])('%s', (document, type, file) => {
  const entries = referenceEntries(document);

  test(`has one entry for every ${type}, and for nothing else`, () => {
    expect(entries.map(({ name }) => name).sort()).toEqual(types.literals(file, type).sort());
  });

  test('gives a cause and a remedy for each', () => {
    expect(entries.filter(({ cause, remedy }) => cause === '' || remedy === '').map(({ name }) => name)).toEqual([]);
  });
});

describe('docs/reasons.md', () => {
  const entries = referenceEntries('docs/reasons.md');
  const decisionOf = (reason: string) => entries.find(({ name }) => name === reason)?.labels.Decision;

  test('has a row for every decision, and for no other', () => {
    const named = tableWith(read('docs/reasons.md'), 'decision').flatMap(({ decision }) => codeIn(decision));
    expect(named.sort()).toEqual(types.literals(PLAN, 'Decision').sort());
  });

  test('gives each reason the decision that it comes with', () => {
    const skips = types.literals(PLAN, 'SkipReason');
    const warnings = types.literals(WARNING, 'WarningReason');
    const withDecision = (decision: string) => entries.filter(({ labels }) => labels.Decision === decision);
    expect(
      withDecision('warn')
        .map(({ name }) => name)
        .sort(),
    ).toEqual(warnings.sort());
    expect(
      withDecision('skip')
        .map(({ name }) => name)
        .sort(),
    ).toEqual(skips.sort());
    const decisions = types.literals(PLAN, 'Decision');
    expect(entries.filter(({ labels }) => !decisions.includes(labels.Decision ?? ''))).toEqual([]);
  });

  test('names the kind of workload in the entry of each reason that belongs to the kind', () => {
    const owned = WORKLOAD_KINDS.flatMap((kind) =>
      kind.reasons
        .filter((reason) => reason !== 'UnknownController')
        .map((reason) => ({ reason, kind: kind.type === 'unrollable' ? (kind.controlledBy ?? kind.kind) : kind.kind })),
    );
    expect(owned.filter(({ reason }) => decisionOf(reason) !== 'warn')).toEqual([]);
    expect(
      owned.filter(({ reason, kind }) => !entries.some(({ name, cause }) => name === reason && cause.includes(kind))),
    ).toEqual([]);
  });

  test('names every kind that is restarted', () => {
    const cause = entries.find(({ name }) => name === 'OutOfDate')?.cause ?? '';
    const rollable = WORKLOAD_KINDS.flatMap(({ type, kind }) => (type === 'rollable' ? [kind] : []));
    expect(rollable.length).toBeGreaterThan(3);
    expect(rollable.filter((kind) => !cause.includes(kind))).toEqual([]);
  });
});

test('docs/restarts.md has a row for every reason to expect an interruption, and for no other', () => {
  const named = tableWith(read('docs/restarts.md'), 'code').flatMap(({ code }) => codeIn(code));
  expect(named.sort()).toEqual(types.literals(INTERRUPTION, 'InterruptionCode').sort());
});

describe('docs/findings.md', () => {
  test.each(['upgrade', 'uninstall'] as const)('gives the severity that each finding has before an %s', (purpose) => {
    const object = { kind: 'Namespace', namespace: '', name: 'shop' };
    const severities = types.literals(INSPECTION, 'FindingCode').map((code) => {
      const observation = { code: code as FindingCode, object, message: '', remedy: '' };
      return [code, findingsFor([purpose], [observation])[0]?.severity];
    });
    const documented = referenceEntries('docs/findings.md').map(({ name, labels }) => [
      name,
      labels[`Before an ${purpose}`],
    ]);
    expect(Object.fromEntries(documented)).toEqual(Object.fromEntries(severities));
  });
});
