import { istioVersion } from '../../control-plane/program-sources';
import type { Comparison } from './compare';
import { isMissed, type Coverage, type LeftObject } from './count-coverage';

/** The results of constructs for the cases of Istio's own validation. */
export interface CaseResults {
  readonly all: number;

  /** The cases that the API server and Istio accept. */
  readonly accepted: readonly Comparison[];

  /** The cases that the API server or Istio refuses. */
  readonly refused: readonly Comparison[];
}

/** The share of all objects that constructs write, in percent. */
export function share(...coverages: readonly Coverage[]): number {
  const { all, written } = total(...coverages);
  return (100 * written) / all;
}

/** The page docs/coverage.md. */
export function coverageReport(coverage: Coverage, cases: CaseResults, gatewayApi: Coverage): string {
  const { all, written } = total(coverage);
  const both = total(coverage, gatewayApi);
  const { accepted, refused } = cases;
  return `# Coverage

This page shows how much of Istio's API the constructs can express, measured with Istio's own objects.
\`npm run coverage:mesh\` measures it and writes this page. An end-to-end test compares the page with the code.

The constructs write ${String(both.written)} of ${String(both.all)} objects of Istio and the Gateway API, or **${share(coverage, gatewayApi).toFixed(1)} %**. The tables list the
others with the reason. If Istio accepts an object, the constructs refuse it only if a part of it has no effect or a
harmful effect in every cluster:

- Routes that no request reaches, and filters and settings that istiod ignores.
- Names that no Kubernetes object can have, such as namespaces in upper case or with brackets.
- Keys that nobody can fetch, so that every token is refused. Private keys, which every reader of the object would get.
- Settings for waypoints, and fields that only istiod's own conversion of other objects sets.

## Objects of Istio's samples, tests and references

The sources of Istio ${istioVersion} and of its API have ${String(all)} different objects that the API server and istiod accept:
in samples, in test data, in test sources, and as examples in comments of the API. The construct of each kind writes
them with typed props only. An object counts as written if name, namespace and specification equal the original, after
protobuf has parsed both. An older spelling counts as equal to its replacement. For example, \`mirror\` equals \`mirrors\`,
and \`serviceAccounts\` equals the principals that constructs write instead.

The constructs write **${String(written)} of ${String(all)}, or ${share(coverage).toFixed(1)} %**:

${kindTable(coverage)}

Another ${String(coverage.refused)} are not counted, because the API server or istiod rejects them. Some are invalid on purpose. Others are
templates that stay invalid, whatever name, port or address is filled in.

The constructs do not write these objects. “refused” is followed by the error of the construct. “no prop” is followed by
what the constructs cannot express: usually a field, with the value that they write and the original value.

| object | why |
| --- | --- |
${coverage.left.map(leftRow).join('\n')}

${gatewayApiSection(gatewayApi)}
## Cases of Istio's validation

The tests of Istio's own validation check ${String(cases.all)} valid and invalid objects. They are compared in the same way.

| the API server and istiod | constructs | cases |
| --- | --- | --- |
| accept it | write the same | ${count(accepted, 'same')} |
| accept it | refuse it | ${count(accepted, 'refused')} |
| accept it | have no prop for a field | ${count(accepted, 'unsaid')} |
| reject it | refuse it | ${count(refused, 'refused')} |
| reject it | have no prop for the invalid field | ${String(refused.filter((one) => one.ours !== 'refused' && !isMissed(one)).length)} |
| reject it | write the same | ${String(refused.filter(isMissed).length)} |

Istio accepts these objects, but the constructs do not write them:

| kind | why |
| --- | --- |
${accepted
  .filter(({ ours }) => ours !== 'same')
  .map((one) => `| ${one.kind} | ${why(one)} |`)
  .join('\n')}
`;
}

function gatewayApiSection(coverage: Coverage): string {
  const { all, written } = total(coverage);
  return `## Objects of the Gateway API

The same sources have ${String(all)} different objects of the [Gateway API](gateway-api.md) that the API server accepts with the
definitions of the standard channel. Objects for waypoints and east-west gateways, and objects of other projects, are
not counted. The original and the written object are compared as the API server stores them.

The constructs write **${String(written)} of ${String(all)}, or ${share(coverage).toFixed(1)} %**:

${kindTable(coverage)}

Another ${String(coverage.refused)} are not counted, because the API server rejects them, or because istiod's own tests expect istiod to reject a
part of them in the status.

The constructs do not write these objects. “refused” is followed by the error of the construct. “no prop” is followed by
what the constructs cannot express: usually a field, with the value that they write and the original value.

| object | why |
| --- | --- |
${coverage.left.map(leftRow).join('\n')}
`;
}

function kindTable({ kinds }: Coverage): string {
  const rows = [...kinds].sort(([one], [other]) => (one < other ? -1 : 1));
  return `| kind | objects | written |
| --- | --- | --- |
${rows.map(([kind, row]) => `| ${kind} | ${String(row.all)} | ${String(row.written)} |`).join('\n')}`;
}

function total(...coverages: readonly Coverage[]) {
  const rows = coverages.flatMap(({ kinds }) => [...kinds.values()]);
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
