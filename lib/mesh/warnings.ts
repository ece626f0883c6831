import type { IConstruct } from 'constructs';
import { describe } from './construct-error';

const TYPE = 'istio-module:warning';

/**
 * Records a likely mistake: something that Istio accepts, but that is rarely intended. The warning is metadata of type
 * `istio-module:warning` on the construct's node. Synthesis prints it to stderr, and the YAML stays the same.
 */
export function warn(construct: IConstruct, ...messages: readonly string[]): void {
  for (const message of messages) construct.node.addMetadata(TYPE, message);
}

const later = new WeakMap<IConstruct, (() => readonly string[])[]>();

/** Like {@link warn}, but for what is known only at synthesis, when the app is complete. It adds no metadata. */
export function warnOnSynthesis(construct: IConstruct, messages: () => readonly string[]): void {
  later.set(construct, [...(later.get(construct) ?? []), messages]);
}

/** Prints a warning about something that is not a construct and so has no node. */
export function printWarning(warning: string): void {
  process.stderr.write(`warning: ${warning}\n`);
}

/** The warnings of one construct tree. Each is printed once. */
export class Warnings {
  private readonly printed = new Set<string>();

  /**
   * Prints the warnings that were not printed before.
   *
   * @param constructs all constructs of the tree
   * @param further warnings about several objects together
   */
  print(constructs: readonly IConstruct[], further: readonly string[] = []): void {
    for (const warning of [...noted(constructs), ...further]) {
      if (this.printed.has(warning)) continue;
      this.printed.add(warning);
      printWarning(warning);
    }
  }
}

function noted(constructs: readonly IConstruct[]): string[] {
  return constructs.flatMap((construct) =>
    [
      ...construct.node.metadata.filter(({ type }) => type === TYPE).map(({ data }) => String(data)),
      ...(later.get(construct) ?? []).flatMap((messages) => messages()),
    ].map((message) => `${describe(construct)}: ${message}`),
  );
}
