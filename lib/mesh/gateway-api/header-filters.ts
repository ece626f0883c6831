import { definedFields } from '../fields';
import { headerChangeProblems, type HeaderChanges, type HeaderOperations } from '../traffic/header-changes';

const MAX_ENTRIES = 16;

/** Changes to headers as filters of a route's rule or backend. */
export function renderHeaderFilters({ request, response }: HeaderChanges): Readonly<Record<string, unknown>>[] {
  return [
    ...(request ? [{ type: 'RequestHeaderModifier', requestHeaderModifier: renderOperations(request) }] : []),
    ...(response ? [{ type: 'ResponseHeaderModifier', responseHeaderModifier: renderOperations(response) }] : []),
  ];
}

/** The problems with changes to headers, one sentence each. */
export function headerFilterProblems(at: string, changes: HeaderChanges): string[] {
  return [
    ...headerChangeProblems(at, changes),
    ...Object.entries(changes).flatMap(([direction, operations]: [string, HeaderOperations | undefined]) =>
      operations ? operationProblems(`${at}.${direction}`, operations) : [],
    ),
  ];
}

function operationProblems(at: string, operations: HeaderOperations): string[] {
  const { set = {}, add = {}, remove = [] } = operations;
  const sizes = { set: Object.keys(set).length, add: Object.keys(add).length, remove: remove.length };
  return [
    ...Object.entries(sizes)
      .filter(([, size]) => size > MAX_ENTRIES)
      .map(
        ([list, size]) =>
          `${at}.${list} has ${String(size)} headers, more than the maximum of ${String(MAX_ENTRIES)}: change fewer, or write a TrafficPolicy`,
      ),
    ...[...Object.entries(set), ...Object.entries(add)]
      .filter(([, value]) => value === '' || value.length > 4096)
      .map(([name]) => `${at} '${name}' has no value of 1 to 4096 characters: write one, or remove the header`),
    ...(Object.values(sizes).every((size) => size === 0)
      ? [`${at} changes nothing: name a header, or leave it out`]
      : []),
  ];
}

function renderOperations({ set = {}, add = {}, remove = [] }: HeaderOperations): Readonly<Record<string, unknown>> {
  const pairs = (headers: Readonly<Record<string, string>>) => {
    const list = Object.entries(headers).map(([name, value]) => ({ name, value }));
    return list.length > 0 ? list : undefined;
  };
  return definedFields({ set: pairs(set), add: pairs(add), remove: remove.length > 0 ? remove : undefined });
}
