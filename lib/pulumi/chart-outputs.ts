import * as pulumi from '@pulumi/pulumi';
import { ApiObject, App, type Chart, type IResolver, type ResolutionContext } from 'cdk8s';
import { chartError } from './chart-error';

type Unresolved = 'Output' | 'Promise';

/** The text that an Output or a Promise becomes when it is used as a string. */
const AS_TEXT: Readonly<Record<Unresolved, string>> = {
  Output: 'Calling [toString] on an [Output<T>]',
  Promise: '[object Promise]',
};
const OUTPUT = /Calling \[to(?:String|JSON)\] on an \[Output<T>\]/;

const REMEDIES: Readonly<Record<Unresolved, string>> = {
  Output: 'pass it in the inputs of the MeshDeployment, and use the value that the function for its chart receives',
  Promise: 'await it in the function for the chart, which may be async',
};

/**
 * Reads a chart's objects, and rejects those that contain a Pulumi Output or a Promise.
 *
 * @throws RunError that names the construct, the field and the remedy
 */
export function withoutOutputs<T>(chart: Chart, read: () => T): T {
  const { resolvers } = App.of(chart);
  const asText = new AsText();
  resolvers.unshift(asText);
  try {
    return read();
  } catch (error) {
    // A check of the chart may already have rejected the text of an Output or Promise. Its error names neither the
    // origin nor a remedy.
    refuseOutputs(chart);
    throw error;
  } finally {
    resolvers.splice(resolvers.indexOf(asText), 1);
  }
}

/** @throws RunError if the object of a construct contains an Output, a Promise, or a string made from one */
export function refuseOutputsIn(construct: ApiObject, manifest: unknown): void {
  const found = find(manifest, '');
  if (found) {
    throw chartError(
      `${construct.node.path}: ${found.path} holds ${nameOf(found.holds)}, whose value is not known when the chart is built; ${REMEDIES[found.holds]}.`,
    );
  }
}

/** The error of a function that builds a chart; if an Output was used as a string, an error with the remedy. */
export function explained(error: unknown): unknown {
  const message = error instanceof Error ? error.message : '';
  if (!OUTPUT.test(message)) {
    return error;
  }
  const shown = textsOfOutputs()
    .reduce((text, one) => text.replaceAll(one, '<Output>'), message)
    .replace(new RegExp(`${OUTPUT.source}[^]*`), '<Output>');
  return chartError(
    `${shown}. <Output> is ${nameOf('Output')}, whose value is not known when the chart is built; ${REMEDIES.Output}.`,
  );
}

/** Passes Outputs and Promises to the rendered object as text. cdk8s would reject them without naming their path. */
class AsText implements IResolver {
  resolve(context: ResolutionContext): void {
    const value: unknown = context.value;
    if (pulumi.Output.isInstance(value)) {
      context.replaceValue(AS_TEXT.Output);
    } else if (value instanceof Promise) {
      context.replaceValue(AS_TEXT.Promise);
    }
  }
}

function refuseOutputs(chart: Chart): void {
  for (const construct of chart.node.findAll()) {
    if (construct instanceof ApiObject) {
      refuseOutputsIn(construct, rendered(construct));
    }
  }
}

function rendered(construct: ApiObject): unknown {
  try {
    return construct.toJson();
  } catch {
    return undefined;
  }
}

interface Found {
  readonly path: string;
  readonly holds: Unresolved;
}

function find(value: unknown, path: string): Found | undefined {
  if (typeof value === 'string') {
    const holds = OUTPUT.test(value) ? 'Output' : value.includes(AS_TEXT.Promise) ? 'Promise' : undefined;
    return holds && { path, holds };
  }
  if (typeof value !== 'object' || value === null) {
    return undefined;
  }
  for (const [key, inner] of Object.entries(value)) {
    const found = find(key, path) ?? find(inner, Array.isArray(value) ? `${path}[${key}]` : fieldPath(path, key));
    if (found) {
      return found;
    }
  }
  return undefined;
}

function fieldPath(path: string, key: string): string {
  if (!/^[A-Za-z_$][\w$]*$/.test(key)) {
    return `${path}['${key}']`;
  }
  return path === '' ? key : `${path}.${key}`;
}

function nameOf(unresolved: Unresolved): string {
  return unresolved === 'Output' ? 'an Output of Pulumi' : 'a Promise';
}

/** The texts that this version of Pulumi produces for an Output; with some settings, it throws errors instead. */
function textsOfOutputs(): readonly string[] {
  const output = pulumi.output('') as unknown as { toString(): string; toJSON(): string };
  return [() => output.toString(), () => output.toJSON()].map((text) => {
    try {
      return text();
    } catch (error) {
      return (error as Error).message;
    }
  });
}
