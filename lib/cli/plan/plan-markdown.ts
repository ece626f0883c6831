import type { RestartPlan } from '../../engine/plan/plan';
import { differenceLines } from '../../engine/report/difference-lines';
import type { WorkloadPlan } from '../../engine/plan/plan';
import { fitting, markdownBlock, markdownCode, markdownRow, markdownText } from '../output/markdown';
import { shortMessage } from '../output/short-change';
import { planCounts, planSentence } from './plan-summary';
import { hasWork, interruptionsOf, listed, namesOf, objectOf, remediesOf, resourceOf, seamlessText } from './plan-view';

/** A comment on GitHub may have 65,536 characters. The rest is for text that the user adds. */
export const MARKDOWN_LIMIT = 60_000;

/** The maximum number of characters of each part that grows with the cluster. The differences get what remains. */
const LIMITS = { rows: 25_000, remedies: 8_000, interruptions: 8_000, notes: 4_000 };

/**
 * A plan as Markdown for a comment on a pull request, with at most {@link MARKDOWN_LIMIT} characters. Lines state how
 * much was omitted.
 *
 * @param selection the flags that select workloads, as typed; empty if there are none
 */
export function planMarkdown(plan: RestartPlan, selection: string): readonly string[] {
  const notes = fitting(
    plan.ignoredAnnotations.map((one) => ({ text: `- ${markdownText(`${objectOf(one)}: ${one.message}`)}` })),
    { limit: LIMITS.notes, leftOut: (count) => `- … and ${String(count)} more` },
  );
  const counts = hasWork(plan) ? `${planCounts(plan)}.` : lowerFirst(planSentence(plan, selection));
  const sections = [
    [`**Sidecars** of cluster ${markdownCode(plan.cluster)}: ${markdownText(counts)}`],
    (plan.notes ?? []).map((note) => `> **Note**: ${markdownText(note)}.`),
    plan.bound ? [`> **Upper bound**: ${markdownText(plan.bound.message)}`] : [],
    hasWork(plan) ? rows(plan) : [],
    remedies(plan),
    interruptions(plan),
    notes.length > 0 ? ['Annotations that are invalid and ignored:', '', ...notes] : [],
  ]
    .filter((lines) => lines.length > 0)
    .flatMap((lines, index) => (index === 0 ? lines : ['', ...lines]));
  const length = sections.reduce((sum, line) => sum + line.length + 1, 0);
  return [...sections, ...differences(listed(plan), MARKDOWN_LIMIT - length)];
}

function rows(plan: RestartPlan): readonly string[] {
  const found = listed(plan).map((workload) => ({
    text: markdownRow([
      markdownText(workload.namespace),
      markdownText(resourceOf(workload)),
      workload.decision,
      workload.pods.length === 0 ? '' : String(workload.pods.length),
      seamlessText(workload),
      markdownText(shortMessage(workload.message, workload.differences)),
    ]),
  }));
  const leftOut = (count: number) => markdownRow(['…', `${String(count)} more`, '', '', '', 'omitted here']);
  return [
    markdownRow(['Namespace', 'Workload', 'Decision', 'Pods', 'Seamless', 'Reason']),
    '| --- | --- | --- | ---: | --- | --- |',
    ...fitting(found, { limit: LIMITS.rows, leftOut }),
  ];
}

function remedies(plan: RestartPlan): readonly string[] {
  const found = [...remediesOf(plan)].map(([remedy, workloads]) => ({
    text: `- ${markdownText(namesOf(workloads))}: ${markdownCode(remedy)}`,
    count: workloads.length,
  }));
  const leftOut = (count: number) => `- … and ${String(count)} more`;
  return found.length > 0 ? ['By hand:', '', ...fitting(found, { limit: LIMITS.remedies, leftOut })] : [];
}

function interruptions(plan: RestartPlan): readonly string[] {
  const found = [...interruptionsOf(plan)].map(([why, workloads]) => ({
    text: `- ${markdownText(why)}: ${markdownText(namesOf(workloads))}`,
  }));
  const leftOut = (count: number) => `- … and ${String(count)} more`;
  return found.length > 0 ? ['Not seamless:', '', ...fitting(found, { limit: LIMITS.interruptions, leftOut })] : [];
}

function differences(workloads: readonly WorkloadPlan[], limit: number): readonly string[] {
  const different = workloads.filter((workload) => workload.differences.length > 0);
  if (different.length === 0) {
    return [];
  }
  const count = `${String(different.length)} ${different.length === 1 ? 'workload' : 'workloads'}`;
  const before = ['', '<details>', `<summary>Differences of ${count}</summary>`, ''];
  const after = ['</details>'];
  const parts = [...alike(different)].map(([block, members]) => ({
    text: `${markdownText(namesOf(members))}:\n\n${block}\n`,
    count: members.length,
  }));
  const leftOut = (more: number) => `… and ${String(more)} more; see istio-module plan -o wide for their differences\n`;
  const left = limit - [...before, ...after].reduce((sum, line) => sum + line.length + 1, 0);
  return [...before, ...fitting(parts, { limit: left, leftOut }), ...after];
}

/** Workloads with the same differences, by the text of the differences. */
function alike(workloads: readonly WorkloadPlan[]): ReadonlyMap<string, readonly WorkloadPlan[]> {
  const blocks = new Map<string, WorkloadPlan[]>();
  for (const workload of workloads) {
    const block = markdownBlock(differenceLines(workload.differences));
    const members = blocks.get(block) ?? [];
    members.push(workload);
    blocks.set(block, members);
  }
  return blocks;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
