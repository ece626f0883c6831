import type { IConstruct } from 'constructs';

const TYPE = 'istio-module:warning';

/**
 * Notes a likely mistake: something that Istio accepts, and that may be meant, but rarely is. It is metadata of the
 * construct's node, of type `istio-module:warning`; synthesis prints it on stderr and leaves the YAML alone.
 */
export function warn(construct: IConstruct, ...messages: readonly string[]): void {
  for (const message of messages) construct.node.addMetadata(TYPE, message);
}

/** Prints a warning about something that is no construct, and so has no node to carry it. */
export function printWarning(warning: string): void {
  process.stderr.write(`warning: ${warning}\n`);
}

/** The warnings of one construct tree, each of which is printed once. */
export class Warnings {
  private readonly printed = new Set<string>();

  constructor(private readonly root: IConstruct) {}

  /**
   * Prints what was not printed before.
   *
   * @param further warnings about several objects together
   */
  print(further: readonly string[] = []): void {
    for (const warning of [...noted(this.root), ...further]) {
      if (this.printed.has(warning)) continue;
      this.printed.add(warning);
      printWarning(warning);
    }
  }
}

function noted(root: IConstruct): string[] {
  return root.node
    .findAll()
    .flatMap((construct) =>
      construct.node.metadata
        .filter(({ type }) => type === TYPE)
        .map(({ data }) => `${construct.constructor.name} ${construct.node.path}: ${String(data)}`),
    );
}
