import { isHeaderName } from '../http-header-name';
import { fieldOf } from '../fields';

/** Changes to headers, by name; names are case-insensitive. */
export interface HeaderOperations {
  /**
   * Headers to set to a value, whether or not they exist. Envoy variables such as `%REQ(x-id)%` are replaced; `%%`
   * stands for a percent sign.
   *
   * @default - none
   */
  readonly set?: Readonly<Record<string, string>>;

  /**
   * Headers to which a value is appended.
   *
   * @default - none
   */
  readonly add?: Readonly<Record<string, string>>;

  /**
   * Headers to remove.
   *
   * @default - none
   */
  readonly remove?: readonly string[];
}

/**
 * Changes to the headers of requests and responses.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/virtual-service/#Headers
 */
export interface HeaderChanges {
  /**
   * Changes to requests before they are forwarded. `set` and `add` may contain `host`.
   *
   * @default - nothing
   */
  readonly request?: HeaderOperations;

  /**
   * Changes to responses before they are sent to the client.
   *
   * @default - nothing
   */
  readonly response?: HeaderOperations;
}

const PLAIN_TEXT = /^[^\u0000-\u0008\u000A-\u001F\u007F]*$/;
const VARIABLES_CLOSED = /^([^%]|%%|%[^%(]+(\( *[^ )"\\[][^)"\\[]*\))?%)*$/;

/** The changes as the `headers` of a VirtualService's route or destination; empty without changes. */
export function renderHeaderChanges({ request, response }: HeaderChanges): Readonly<Record<string, unknown>> {
  if (!request && !response) return {};
  return fieldOf('headers', { ...fieldOf('request', { ...request }), ...fieldOf('response', { ...response }) });
}

/** The problems with changes to headers, one sentence each. */
export function headerChangeProblems(at: string, { request, response }: HeaderChanges): string[] {
  return [
    ...(request ? operationProblems(`${at}.request`, request, true) : []),
    ...(response ? operationProblems(`${at}.response`, response, false) : []),
  ];
}

/** The hosts that header changes set. */
export function hostsSetBy({ request }: HeaderChanges): string[] {
  if (!request) return [];
  const { set = {}, add = {} } = request;
  return [...Object.entries(set), ...Object.entries(add)].filter(([name]) => isHost(name)).map(([, value]) => value);
}

function operationProblems(at: string, operations: HeaderOperations, mayNameHost: boolean): string[] {
  const { set = {}, add = {}, remove = [] } = operations;
  const written = [...Object.entries(set), ...Object.entries(add)];
  const lowerCase = [...Object.keys(set), ...remove].map((name) => name.toLowerCase());
  const twice = lowerCase.filter((name, index) => lowerCase.indexOf(name) < index);
  return [
    ...written.flatMap(([name]) => (mayNameHost && isHost(name) ? [] : nameProblem(at, name))),
    ...remove.flatMap((name) => nameProblem(`${at}.remove`, name)),
    ...written.flatMap(([name, value]) => valueProblem(`${at} '${name}'`, value)),
    ...[...new Set(twice)].map((name) => `${at} sets or removes '${name}' twice: name it in only one place`),
  ];
}

function isHost(name: string): boolean {
  return /^(host|:authority)$/i.test(name);
}

function nameProblem(at: string, name: string): string[] {
  if (isHost(name))
    return [`${at} names '${name}', which can only be changed in request.set or request.add: write it there`];
  return isHeaderName(name) ? [] : [`${at} names '${name}', which is not a valid header name: write another`];
}

function valueProblem(what: string, value: string): string[] {
  if (!PLAIN_TEXT.test(value)) return [`${what} has a control character in its value: leave it out`];
  return VARIABLES_CLOSED.test(value)
    ? []
    : [`${what} has the value '${value}', with a % that does not start a variable: write %% for a percent sign`];
}
