import { fieldsAt, textAt, textsAt } from '../../mesh/checks/spec-fields';
import { scalarText } from './scalar-text';

type Fields = Readonly<Record<string, unknown>>;

/** A condition of an HTTP, TLS or TCP rule in words; empty if it matches every request. */
export function matchSummary(match: Fields): string {
  const noCase = match.ignoreUriCase === true ? ' (case-insensitive)' : '';
  return [
    ...of(match, 'uri', 'path').map((text) => text + noCase),
    ...of(match, 'method'),
    ...of(match, 'scheme'),
    ...of(match, 'authority'),
    ...Object.entries(fieldsAt(match, 'headers')).map(([name, value]) => textMatch(name, value)),
    ...Object.entries(fieldsAt(match, 'withoutHeaders')).map(([name, value]) =>
      isPresence(value) ? `no ${name}` : `not ${textMatch(name, value)}`,
    ),
    ...Object.entries(fieldsAt(match, 'queryParams')).map(([name, value]) => textMatch(`?${name}`, value)),
    ...anyOf('SNI = ', textsAt(match, 'sniHosts')),
    ...anyOf('to ', textsAt(match, 'destinationSubnets')),
    ...(typeof match.port === 'number' ? [`port ${String(match.port)}`] : []),
    ...anyOf('from ', labels(fieldsAt(match, 'sourceLabels')), ','),
    ...anyOf('from namespace ', [textAt(match, 'sourceNamespace') ?? ''].filter(Boolean)),
    ...anyOf('at ', textsAt(match, 'gateways').map(entryName)),
  ].join(' and ');
}

/** Labels in kubectl's notation. */
export function labels(values: Fields): readonly string[] {
  return Object.entries(values).map(([name, value]) => `${name}=${scalarText(value)}`);
}

function entryName(gateway: string): string {
  return gateway === 'mesh' ? 'the mesh' : `gateway ${gateway}`;
}

function anyOf(before: string, values: readonly string[], between = ' or '): readonly string[] {
  return values.length === 0 ? [] : [before + values.join(between)];
}

function of(match: Fields, field: string, name = field): readonly string[] {
  return match[field] === undefined ? [] : [textMatch(name, match[field])];
}

function textMatch(name: string, value: unknown): string {
  const match = fieldsAt({ value }, 'value');
  if (typeof match.exact === 'string') return `${name} = ${match.exact}`;
  if (typeof match.prefix === 'string') return `${name} starts with ${match.prefix}`;
  if (typeof match.regex === 'string') return `${name} ~ ${match.regex}`;
  return `${name} present`;
}

function isPresence(value: unknown): boolean {
  return Object.keys(fieldsAt({ value }, 'value')).length === 0;
}
