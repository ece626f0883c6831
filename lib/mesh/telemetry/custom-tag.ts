import { textProblems } from './access-log-format';
import { isHeaderName } from '../http-header-name';

/** Options of a tag whose source may have no value. */
export interface CustomTagOptions {
  /**
   * Value if the variable or header does not exist.
   *
   * @default - the span has no such tag
   */
  readonly defaultValue?: string;
}

/**
 * The source of the value of a span's tag.
 *
 * @see https://istio.io/latest/docs/reference/config/telemetry/#Tracing-CustomTag
 */
export class CustomTag {
  /** The same value for every span. */
  static literal(value: string): CustomTag {
    return new CustomTag({ literal: { value } }, value === '' ? ['has an empty literal: write a value'] : []);
  }

  /** An environment variable of the proxy. */
  static environment(name: string, options: CustomTagOptions = {}): CustomTag {
    return new CustomTag(
      { environment: { name, ...options } },
      /^[-._A-Za-z][-._A-Za-z0-9]*$/.test(name)
        ? []
        : [`names environment variable '${name}', which is not a valid name: write a name such as 'POD_NAME'`],
    );
  }

  /** A request header. Its name is case-insensitive. */
  static header(name: string, options: CustomTagOptions = {}): CustomTag {
    return new CustomTag(
      { header: { name, ...options } },
      isHeaderName(name) ? [] : [`names header '${name}', which is not a valid name: write a name such as 'x-tenant'`],
    );
  }

  /** Text with command operators of Envoy, as in access logs, such as `%REQ(x-tenant)%`. */
  static formatter(text: string): CustomTag {
    return new CustomTag({ formatter: { value: text } }, textProblems(text));
  }

  private constructor(
    private readonly tag: Readonly<Record<string, unknown>>,
    private readonly found: readonly string[],
  ) {}

  /** The tag, as a value of a Telemetry's `customTags`. */
  render(): Readonly<Record<string, unknown>> {
    return this.tag;
  }

  /** The problems with the tag: sentences without a subject. */
  problems(): readonly string[] {
    return this.found;
  }
}
