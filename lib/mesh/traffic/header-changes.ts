import { isHeaderName } from '../http-header-name';
import { fieldOf } from '../fields';

/** What is done to headers, by name; upper and lower case are the same. */
export interface HeaderOperations {
  /**
   * Headers that get this value, whatever they had. Envoy's variables, such as `%REQ(x-id)%`, are filled in; a percent
   * sign is written `%%`.
   *
   * @default - none
   */
  readonly set?: Readonly<Record<string, string>>;

  /**
   * Headers that get one more value.
   *
   * @default - none
   */
  readonly add?: Readonly<Record<string, string>>;

  /**
   * Headers that are taken off.
   *
   * @default - none
   */
  readonly remove?: readonly string[];
}

/**
 * What is done to the headers of requests and of their responses.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/virtual-service/#Headers
 */
export interface HeaderChanges {
  /**
   * To requests, before they go on. `set` and `add` may name `host`.
   *
   * @default - nothing
   */
  readonly request?: HeaderOperations;

  /**
   * To responses, before the client gets them.
   *
   * @default - nothing
   */
  readonly response?: HeaderOperations;
}

const PLAIN_TEXT = /^[^\u0000-\u0008\u000A-\u001F\u007F]*$/;
const VARIABLES_CLOSED = /^([^%]|%%|%[^%(]+(\( *[^ )"\\[][^)"\\[]*\))?%)*$/;

/** The changes as the `headers` of a VirtualService's route or destination; nothing without any. */
export function renderHeaderChanges({ request, response }: HeaderChanges): Readonly<Record<string, unknown>> {
  if (!request && !response) return {};
  return fieldOf('headers', { ...fieldOf('request', { ...request }), ...fieldOf('response', { ...response }) });
}

/** The problems with changes of headers, one sentence each. */
export function headerChangeProblems(at: string, { request, response }: HeaderChanges): string[] {
  return [
    ...(request ? operationProblems(`${at}.request`, request, true) : []),
    ...(response ? operationProblems(`${at}.response`, response, false) : []),
  ];
}

/** The hosts that changes of headers set, each where it does. */
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
    ...[...new Set(twice)].map((name) => `${at} sets or removes '${name}' twice: leave it in one place`),
  ];
}

function isHost(name: string): boolean {
  return /^(host|:authority)$/i.test(name);
}

function nameProblem(at: string, name: string): string[] {
  if (isHost(name)) return [`${at} names '${name}', which only a request's set can change: write it there`];
  return isHeaderName(name) ? [] : [`${at} names '${name}', which is not a valid header name: write another`];
}

function valueProblem(what: string, value: string): string[] {
  if (!PLAIN_TEXT.test(value)) return [`${what} has a control character in its value: leave it out`];
  return VARIABLES_CLOSED.test(value)
    ? []
    : [`${what} has the value '${value}', with a % that opens no variable: write %% for a percent sign`];
}
