import { istioVersion } from '../../control-plane/program-sources';
import type { Comparison } from './compare';
import { isMissed, type Coverage, type LeftObject } from './count-coverage';

/** How constructs do on the cases of Istio's own validation. */
export interface CaseResults {
  readonly all: number;

  /** Those that the API server and Istio take. */
  readonly accepted: readonly Comparison[];

  /** Those that they refuse. */
  readonly refused: readonly Comparison[];
}

/** The share of the objects that constructs write, in percent. */
export function share({ kinds }: Coverage): number {
  const { all, written } = total(kinds);
  return (100 * written) / all;
}

/** The page docs/coverage.md. */
export function coverageReport(coverage: Coverage, cases: CaseResults): string {
  const { all, written } = total(coverage.kinds);
  const rows = [...coverage.kinds].sort(([one], [other]) => (one < other ? -1 : 1));
  const { accepted, refused } = cases;
  return `# Coverage

How much of Istio's API constructs can say, measured on Istio's own objects. \`npm run coverage:mesh\` measures it and writes
this page; an end-to-end test holds it to the code.

## Objects of Istio's samples, tests and references

The sources of Istio ${istioVersion} and of its API have ${String(all)} different objects that its API server and istiod take: in the
samples, in the data and the sources of tests, and as examples in the API's comments. Each is written by the construct
of its kind, with typed props alone. It counts as written where name, namespace and specification of what is synthesized
are equal to the original's, both as protobuf reads them. Istio's older spellings count as those of today, such as
\`mirror\` for \`mirrors\`; so do \`serviceAccounts\` as the principals that constructs write for them.

Constructs write **${String(written)} of ${String(all)}, or ${share(coverage).toFixed(1)} %**:

| kind | objects | written |
| --- | --- | --- |
${rows.map(([kind, row]) => `| ${kind} | ${String(row.all)} | ${String(row.written)} |`).join('\n')}

${String(coverage.refused)} more are not counted, because the API server or istiod refuses them: some are wrong on purpose, and some
are templates in which no name, port or address makes an object.

Not written:

| object | why |
| --- | --- |
${coverage.left.map(leftRow).join('\n')}

## Cases of Istio's validation

The tests of Istio's own validation check ${String(cases.all)} different objects, right and wrong ones. They are written in the same way.

| the API server and istiod | constructs | cases |
| --- | --- | --- |
| accept it | write the same | ${count(accepted, 'same')} |
| accept it | refuse it | ${count(accepted, 'refused')} |
| accept it | have no prop for a part of it | ${count(accepted, 'unsaid')} |
| refuse it | refuse it | ${count(refused, 'refused')} |
| refuse it | have no prop for what is wrong | ${String(refused.filter((one) => one.ours !== 'refused' && !isMissed(one)).length)} |
| refuse it | write the same | ${String(refused.filter(isMissed).length)} |

Accepted by Istio, but not written:

| kind | why |
| --- | --- |
${accepted
  .filter(({ ours }) => ours !== 'same')
  .map((one) => `| ${one.kind} | ${why(one)} |`)
  .join('\n')}
`;
}

function total(kinds: Coverage['kinds']) {
  const rows = [...kinds.values()];
  const sum = (of: 'all' | 'written') => rows.reduce((all, row) => all + row[of], 0);
  return { all: sum('all'), written: sum('written') };
}

function count(cases: readonly Comparison[], ours: Comparison['ours']): string {
  return String(cases.filter((one) => one.ours === ours).length);
}

function leftRow(object: LeftObject): string {
  const file = object.file.replace(/^istio\.io\//, '');
  return `| ${object.kind} \`${object.name}\` of ${file} | ${why(object)} |`;
}

function why({ ours, reason }: Comparison): string {
  const [first = ''] = reason.split('\n');
  return ours === 'refused'
    ? `refused: \`${first.replaceAll('|', '\\|')}\``
    : `no prop: \`${first.replaceAll('|', '\\|')}\``;
}
