import type { IConstruct } from 'constructs';
import { describe } from './construct-error';

const TYPE = 'istio-module:warning';

/**
 * Notes a likely mistake: something that Istio accepts, and that may be meant, but rarely is. It is metadata of the
 * construct's node, of type `istio-module:warning`; synthesis prints it on stderr and leaves the YAML alone.
 */
export function warn(construct: IConstruct, ...messages: readonly string[]): void {
  for (const message of messages) construct.node.addMetadata(TYPE, message);
}

const later = new WeakMap<IConstruct, (() => readonly string[])[]>();

/** Like {@link warn}, of what is known on synthesis alone, when the app is complete; it is no metadata. */
export function warnOnSynthesis(construct: IConstruct, messages: () => readonly string[]): void {
  later.set(construct, [...(later.get(construct) ?? []), messages]);
}

/** Prints a warning about something that is no construct, and so has no node to carry it. */
export function printWarning(warning: string): void {
  process.stderr.write(`warning: ${warning}\n`);
}

/** The warnings of one construct tree, each of which is printed once. */
export class Warnings {
  private readonly printed = new Set<string>();

  /**
   * Prints what was not printed before.
   *
   * @param constructs all of the tree
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
