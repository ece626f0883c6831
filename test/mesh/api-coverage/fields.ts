import { Duration } from 'cdk8s';

type Raw = Readonly<Record<string, unknown>>;

/** The fields of a protobuf message as in its JSON: fields with the zero value of their type are left out. */
export class Fields {
  constructor(private readonly raw: Raw) {}

  /** The names of the fields that have a value. */
  get names(): string[] {
    return Object.keys(this.raw);
  }

  has(name: string): boolean {
    return name in this.raw;
  }

  text<T extends string = string>(name: string): T | undefined {
    return this.raw[name] as T | undefined;
  }

  number(name: string): number | undefined {
    return this.raw[name] as number | undefined;
  }

  flag(name: string): boolean | undefined {
    return this.raw[name] as boolean | undefined;
  }

  /** A map of strings. */
  map(name: string): Readonly<Record<string, string>> | undefined {
    return this.raw[name] as Readonly<Record<string, string>> | undefined;
  }

  /** Fields of any type. */
  open(name: string): Raw | undefined {
    return this.raw[name] as Raw | undefined;
  }

  texts<T extends string = string>(name: string): T[] | undefined {
    return this.raw[name] as T[] | undefined;
  }

  duration(name: string): Duration | undefined {
    const text = this.text(name);
    return text === undefined ? undefined : Duration.millis(Math.round(parseFloat(text) * 1e9) / 1e6);
  }

  of(name: string): Fields | undefined {
    const raw = this.open(name);
    return raw && new Fields(raw);
  }

  /** The result of `turn` for a field's own fields; `undefined` without the field. */
  with<T>(name: string, turn: (fields: Fields) => T): T | undefined {
    const fields = this.of(name);
    return fields && turn(fields);
  }

  /** A list of messages; empty without the field. */
  list(name: string): Fields[] {
    return ((this.raw[name] ?? []) as Raw[]).map((one) => new Fields(one));
  }

  /** The results of `turn` for the messages of a list; `undefined` without the field. */
  each<T>(name: string, turn: (fields: Fields) => T): T[] | undefined {
    return this.has(name) ? this.list(name).map(turn) : undefined;
  }

  /** A map of messages. */
  entries(name: string): [string, Fields][] {
    return Object.entries((this.raw[name] ?? {}) as Record<string, Raw>).map(([key, raw]) => [key, new Fields(raw)]);
  }
}

/** The values that are defined. */
export function defined<T>(...values: readonly (T | undefined)[]): T[] {
  return values.filter((value) => value !== undefined);
}
