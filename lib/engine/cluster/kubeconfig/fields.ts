/** A kubeconfig that cannot be read. The message contains the position and the reason, but no content. */
export class MalformedKubeconfig extends Error {
  override readonly name = 'MalformedKubeconfig';
}

export type FieldPath = readonly (string | number)[];

/**
 * The fields of one mapping in a kubeconfig. Missing fields and null are empty. A value of the wrong type is an error
 * that names the line, never the value.
 */
export class Fields {
  private constructor(
    private readonly values: Readonly<Record<string, unknown>>,
    private readonly path: FieldPath,
    private readonly lineOf: (path: FieldPath) => number,
  ) {}

  /**
   * @param lineOf the line of a field, or of its nearest parent
   * @throws MalformedKubeconfig
   */
  static of(value: unknown, path: FieldPath, lineOf: (path: FieldPath) => number): Fields {
    if (value !== null && (typeof value !== 'object' || Array.isArray(value))) {
      throw new MalformedKubeconfig(
        path.length === 0
          ? 'it does not contain a kubeconfig'
          : `${place(path, lineOf)} is ${typeOf(value)}, where a mapping is expected`,
      );
    }
    return new Fields((value ?? {}) as Record<string, unknown>, path, lineOf);
  }

  has(key: string): boolean {
    return this.value(key) !== null;
  }

  text(key: string): string {
    const value = this.value(key);
    return value === null ? '' : typeof value === 'string' ? value : this.refuseType(key, 'a string');
  }

  flag(key: string): boolean {
    const value = this.value(key);
    return value === null ? false : typeof value === 'boolean' ? value : this.refuseType(key, 'true or false');
  }

  texts(key: string): readonly string[] {
    return this.list(key).map((value, index) => {
      if (value !== null && typeof value !== 'string') {
        throw new MalformedKubeconfig(
          `${place([...this.path, key, index], this.lineOf)} is ${typeOf(value)}, where a string is expected`,
        );
      }
      return value ?? '';
    });
  }

  base64(key: string): Buffer {
    const text = this.text(key).replace(/[\r\n]/g, '');
    if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) {
      this.refuse(key, 'is not base64');
    }
    return Buffer.from(text, 'base64');
  }

  mapping(key: string): Fields {
    return Fields.of(this.value(key), [...this.path, key], this.lineOf);
  }

  mappings(key: string): readonly Fields[] {
    return this.list(key).map((value, index) => Fields.of(value, [...this.path, key, index], this.lineOf));
  }

  keys(): readonly string[] {
    return Object.keys(this.values);
  }

  /** A value of any type; null if the field is missing. */
  value(key: string): unknown {
    return Object.hasOwn(this.values, key) ? (this.values[key] ?? null) : null;
  }

  /** @throws MalformedKubeconfig always */
  refuse(key: string, problem: string): never {
    throw new MalformedKubeconfig(`${place([...this.path, key], this.lineOf)} ${problem}`);
  }

  private list(key: string): readonly unknown[] {
    const value = this.value(key);
    return value === null ? [] : Array.isArray(value) ? (value as unknown[]) : this.refuseType(key, 'a list');
  }

  private refuseType(key: string, expected: string): never {
    return this.refuse(key, `is ${typeOf(this.value(key))}, where ${expected} is expected`);
  }
}

function place(path: FieldPath, lineOf: (path: FieldPath) => number): string {
  const name = path.map((step, index) => (typeof step === 'number' ? `[${String(step)}]` : index ? `.${step}` : step));
  return `line ${String(lineOf(path))}: ${name.join('')}`;
}

function typeOf(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return 'a string';
    case 'number':
    case 'bigint':
      return 'a number';
    case 'boolean':
      return 'true or false';
    default:
      return Array.isArray(value) ? 'a list' : 'a mapping';
  }
}
