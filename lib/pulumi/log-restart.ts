import * as pulumi from '@pulumi/pulumi';
import { cleanText } from '../engine/cluster/clean-text';
import type { IgnoredAnnotation, WorkloadPlan } from '../engine/plan/plan';
import type { SidecarRestart } from './sidecar-restart';

const SHOWN = 5;

/**
 * Logs what a restart left to its users, as diagnostics of the resource: the first five warnings, which include
 * undetermined and deferred workloads and ignored annotations; the first five skipped workloads; how many more there
 * are of each of the two; and the transitions of all namespaces whose workloads enter or leave a mesh with STRICT
 * mutual TLS. Only the update that found them logs them; previews and updates without changes do not.
 */
export function logRestart(restart: SidecarRestart, programStart: Date): void {
  if (pulumi.runtime.isDryRun()) {
    return;
  }
  pulumi
    .all([
      restart.finishedAt,
      restart.warnings,
      restart.undetermined,
      restart.skipped,
      restart.deferred,
      restart.ignoredAnnotations,
      restart.transitions,
    ])
    .apply(async ([finishedAt, warnings, undetermined, skipped, deferred, ignored, transitions]) => {
      // With Pulumi's mocks, no restart has run, and finishedAt is undefined.
      const ranNow = Date.parse(finishedAt) >= programStart.getTime();
      if (!ranNow) {
        return;
      }
      for (const line of linesOf([...warnings, ...undetermined, ...deferred, ...ignored])) {
        await pulumi.log.warn(line, restart);
      }
      for (const { state, message, refused = [] } of transitions) {
        await (state === 'ended' && refused.length === 0 ? pulumi.log.info : pulumi.log.warn)(
          cleanText(`${message}.`),
          restart,
        );
      }
      for (const line of linesOf(skipped)) {
        await pulumi.log.info(line, restart);
      }
    });
}

/** One line for each of the first entries, and one for how many more there are. */
export function linesOf(entries: readonly (WorkloadPlan | IgnoredAnnotation)[]): readonly string[] {
  const lines = entries.slice(0, SHOWN).map((entry) => {
    const { kind, namespace, name, message } = entry;
    const remedy = 'remedy' in entry ? entry.remedy : '';
    const place = namespace === '' ? name : `${namespace}/${name}`;
    return cleanText([`${kind} ${place}: ${message}.`, ...(remedy ? [`By hand: ${remedy}`] : [])].join(' '));
  });
  const more = entries.length - lines.length;
  return more > 0 ? [...lines, `and ${String(more)} more; see the resource's outputs for all of them`] : lines;
}
