/**
 * A JSON object whose values are numbers, booleans, objects, or strings that may contain Envoy command operators.
 *
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage#format-dictionaries
 */
export interface JsonLogFormat {
  readonly [key: string]: string | number | boolean | JsonLogFormat;
}

/**
 * The format of a line of the access log.
 *
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage#command-operators
 */
export class AccessLogFormat {
  /**
   * Text with command operators, such as `%RESPONSE_CODE% %REQ(:PATH)%`; `%%` is a percent sign.
   */
  static text(text: string): AccessLogFormat {
    return new AccessLogFormat({ text }, () => textProblems(text));
  }

  /**
   * A JSON object.
   *
   * @param labels the object, whose strings may contain command operators; by default Istio's own
   */
  static json(labels: JsonLogFormat = {}): AccessLogFormat {
    return new AccessLogFormat({ labels }, () => labelProblems('', labels));
  }

  private constructor(
    private readonly format: Readonly<Record<string, unknown>>,
    private readonly check: () => string[],
  ) {}

  /** The format, as a provider's `logFormat`. */
  render(): Readonly<Record<string, unknown>> {
    return this.format;
  }

  /** The problems with the format: sentences without a subject. */
  problems(): string[] {
    return this.check();
  }
}

/** The problems with an object of log labels: sentences without a subject. */
export function labelProblems(path: string, labels: JsonLogFormat): string[] {
  return Object.entries(labels).flatMap(([key, value]) => {
    if (key.trim() === '') return [`has a key without a name${path === '' ? '' : ` below '${path}'`}: write one`];
    const full = path === '' ? key : `${path}.${key}`;
    if (typeof value === 'string') return operatorProblems(value).map((problem) => `key '${full}' ${problem}`);
    return typeof value === 'object' ? labelProblems(full, value) : [];
  });
}

/** The problems with a string of command operators: sentences without a subject. */
export function textProblems(text: string): string[] {
  return text.trim() === '' ? ['is empty: write command operators such as %RESPONSE_CODE%'] : operatorProblems(text);
}

// Envoy rejects the whole listener if an operator is not closed.
function operatorProblems(text: string): string[] {
  const rest = text.replace(/%%|%[A-Z][A-Z0-9_]*(?:\(.*?\))?(?::\d+)?%/gs, '');
  return rest.includes('%')
    ? [
        `has '${text}', with a '%' outside a command operator: write an operator such as %RESPONSE_CODE%, or %% for a percent sign`,
      ]
    : [];
}
