import { isHeaderName } from '../http-header-name';
import { listProblems, wildcardProblem } from '../string-list';

/**
 * The target of requests. All given fields must match. A leading or trailing `*` matches anything, and a single `*`
 * matches any non-empty value. All fields except ports apply to HTTP. A DENY rule with HTTP fields but without ports
 * denies all connections to TCP ports.
 *
 * @see https://istio.io/latest/docs/reference/config/security/authorization-policy/#Operation
 */
export interface AuthorizationOperation {
  /**
   * Hosts in requests, case-insensitive.
   *
   * @default - any
   */
  readonly hosts?: readonly string[];

  /**
   * Hosts that are excluded.
   *
   * @default - none
   */
  readonly notHosts?: readonly string[];

  /**
   * Ports of the workload's containers, 1 to 65535.
   *
   * @default - any
   */
  readonly ports?: readonly number[];

  /**
   * Ports that are excluded.
   *
   * @default - none
   */
  readonly notPorts?: readonly number[];

  /**
   * HTTP methods in upper case; gRPC requests use `POST`.
   *
   * @default - any
   */
  readonly methods?: readonly string[];

  /**
   * Methods that are excluded.
   *
   * @default - none
   */
  readonly notMethods?: readonly string[];

  /**
   * Paths, without query parameters: `/info*`, `*.html`, or a template with `{*}` for one segment and `{**}` for the
   * rest. For gRPC, the path is `/PACKAGE.SERVICE/METHOD`.
   *
   * @default - any
   */
  readonly paths?: readonly string[];

  /**
   * Paths that are excluded.
   *
   * @default - none
   */
  readonly notPaths?: readonly string[];
}

type Field = keyof AuthorizationOperation;

/** An operation in the format of Istio's API. */
export function renderOperation(operation: AuthorizationOperation): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(given(operation));
}

/**
 * The problems with an operation, as phrases that follow the operation's path.
 *
 * @param toMatchAny what to do to match any operation, as a clause
 */
export function operationProblems(operation: AuthorizationOperation, toMatchAny: string): string[] {
  const fields = given(operation);
  if (fields.length === 0) {
    return [` is empty: set a field of the operation, such as paths, or, to match any, ${toMatchAny}`];
  }
  return fields.flatMap(([field, values]) => [
    ...listProblems(field, values),
    ...values.flatMap((value) => valueProblem(field, value)),
  ]);
}

/** Likely mistakes in an operation, as phrases that follow the operation's path. */
export function operationWarnings(operation: AuthorizationOperation): string[] {
  return given(operation).flatMap(([field, values]) =>
    (field === 'methods' || field === 'notMethods' ? values : [])
      .filter((method) => /[a-z]/.test(method))
      .map((method) => `.${field} '${method}' is not in upper case: write '${method.toUpperCase()}'`),
  );
}

function given(operation: AuthorizationOperation): (readonly [Field, readonly string[]])[] {
  return (Object.entries(operation) as [Field, readonly (string | number)[] | undefined][]).flatMap(
    ([field, values]) => (values ? [[field, values.map(String)] as const] : []),
  );
}

function valueProblem(field: Field, value: string): string[] {
  if (value === '') return [];
  switch (field) {
    case 'ports':
    case 'notPorts':
      return /^[1-9]\d{0,4}$/.test(value) && Number(value) <= 65535
        ? []
        : [`.${field} ${value} is not a port: write a whole number from 1 to 65535`];
    case 'methods':
    case 'notMethods':
      return isHeaderName(value)
        ? wildcardProblem(field, value)
        : [`.${field} '${value}' is not a method: write one such as 'GET'`];
    case 'hosts':
    case 'notHosts':
      return /[\s/]/.test(value)
        ? [`.${field} '${value}' is not a host: write one such as 'shop.example.com', without scheme or path`]
        : wildcardProblem(field, value);
    default:
      return pathProblem(field, value);
  }
}

function pathProblem(field: Field, path: string): string[] {
  if (!/^[/*]/.test(path) || /[?#\s]/.test(path)) {
    return [`.${field} '${path}' is not a valid path: start it with '/' or '*', and leave out query parameters`];
  }
  if (!/[{}]/.test(path)) return wildcardProblem(field, path);
  const segments = path.replace(/^\/+|\/+$/g, '').split('/');
  const rest = segments.indexOf('{**}');
  const operators = segments.every(
    (segment) => segment === '{*}' || segment === '{**}' || /^[\w\-.~%!$&'()+,;:@=]+$/.test(segment),
  );
  const last = rest < 0 || !segments.slice(rest + 1).some((segment) => segment === '{*}' || segment === '{**}');
  return operators && last
    ? []
    : [
        `.${field} '${path}' is not a valid path template: use {*} and {**} only as whole segments, neither of them after {**}, and no other * or braces`,
      ];
}
