import { Duration } from 'cdk8s';
import fc, { type Arbitrary } from 'fast-check';

const ODD_TEXTS = [
  ...['', ' ', '*', '**', '-', '.', '..', '/', '//', '%', '%%', '%a', '{}', '{*}', '[', ']', '(', '\\', '"', "'"],
  ...[
    'a b',
    'a.',
    '.a',
    'a-',
    '-a',
    'A',
    'a_b',
    'a/b',
    'a/b/c',
    'a:80',
    'a*b',
    '*a',
    'a*',
    '*.a',
    '*.*',
    'é',
    '\u{1F600}',
  ],
  ...[
    '0',
    '1',
    '123',
    '1.2.3.4',
    '::1',
    'true',
    'null',
    '~',
    'mesh',
    '@a',
    ':path',
    'host',
    '\u0000',
    'a\nb',
    '\u007F',
  ],
  ...['a'.repeat(63), 'a'.repeat(64), 'a'.repeat(253), 'a'.repeat(254), `${'a'.repeat(63)}.`.repeat(4), '\uD800'],
];

/** The expected values and, now and then, others. */
export function mostly<T>(expected: Arbitrary<T>, other: Arbitrary<T>, often = 60): Arbitrary<T> {
  return fc.oneof({ arbitrary: expected, weight: often }, { arbitrary: other, weight: 1 });
}

/** Texts that break all kinds of rules. */
export const oddText: Arbitrary<string> = fc.oneof(
  fc.constantFrom(...ODD_TEXTS),
  fc.string({ maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.string({ unit: fc.constantFrom(...Array.from('aZ0-._~*/:@%#?&=;,+$!(){}[]|^`<> \t\\\'"')), maxLength: 10 }),
);

/** Numbers at the limits of ranges, and values that are not finite numbers. */
export const oddNumber: Arbitrary<number> = fc.oneof(
  fc.constantFrom(
    0,
    -0,
    1,
    -1,
    0.5,
    99.9,
    100,
    100.1,
    101,
    199,
    200,
    599,
    600,
    65535,
    65536,
    5000011,
    2 ** 23,
    2 ** 29,
  ),
  fc.constantFrom(2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 53, 1e21, 1e-7, 1e308, 5e-324, NaN, Infinity, -Infinity),
  fc.double(),
  fc.integer(),
);

/** Text of one kind: the given names and, now and then, odd texts. */
export const textOf = (...expected: readonly [string, ...string[]]): Arbitrary<string> =>
  mostly(fc.constantFrom(...expected), oddText);

export const numberFrom = (min: number, max: number): Arbitrary<number> => mostly(fc.integer({ min, max }), oddNumber);

export const percent: Arbitrary<number> = mostly(
  fc.oneof(fc.constantFrom(0, 0.0001, 0.5, 33.3, 100), fc.integer({ min: 0, max: 100 })),
  oddNumber,
);

/** Durations in all units, from zero to very long. */
export const duration: Arbitrary<Duration> = mostly(
  fc.oneof(
    fc.integer({ min: 1, max: 1e9 }).map((amount) => Duration.millis(amount)),
    fc.integer({ min: 1, max: 1e6 }).map((amount) => Duration.seconds(amount / 1000)),
    fc.integer({ min: 1, max: 1e4 }).map((amount) => Duration.seconds(amount)),
    fc.integer({ min: 1, max: 1e3 }).map((amount) => Duration.minutes(amount)),
    fc.integer({ min: 1, max: 100 }).map((amount) => Duration.hours(amount)),
    fc.integer({ min: 1, max: 106_751 }).map((amount) => Duration.days(amount)),
  ),
  fc
    .tuple(
      fc.constantFrom(Duration.millis, Duration.seconds, Duration.minutes, Duration.hours, Duration.days),
      fc.oneof(
        fc.double({ min: 0 }),
        fc.constantFrom(
          0,
          1e-7,
          0.0005,
          0.001,
          1.0005,
          106_751,
          106_752,
          9_223_372_036.854,
          9_223_372_036_854,
          2 ** 53,
        ),
        fc.constantFrom(9_223_372_036_855, 315_576_000_000, 1e21, NaN, Infinity),
      ),
    )
    .map(([of, amount]) => of(amount)),
);

const labelKey = textOf('app', 'version', 'app.kubernetes.io/name', 'A_b.C', `a/${'b'.repeat(62)}c`);
const labelValue = textOf('v1', 'web', '', 'A_b.C-d', '1', 'b'.repeat(63));

export const labels: Arbitrary<Record<string, string>> = mostly(
  fc.dictionary(labelKey, labelValue, { minKeys: 1, maxKeys: 3, noNullPrototype: true }),
  fc.constant({}),
  100,
);

export const host: Arbitrary<string> = textOf(
  'reviews',
  'reviews.shop.svc.cluster.local',
  'a.b',
  'Example.COM',
  '*.a.b',
  'a-1.b2',
);

export const headerName: Arbitrary<string> = textOf('x-a', 'x_b', 'accept', "x!#$%&'*+.^`|~", '1');

/** RE2 expressions, most of them valid, the others nearly valid. */
export const regularExpression: Arbitrary<string> = mostly(
  fc
    .array(
      fc.constantFrom(
        'a',
        '/v[0-9]+',
        '.*',
        '[^/]+',
        '(a|b)',
        '\\d{1,3}',
        '(?i)x',
        '(?P<n>y)',
        '\\.',
        '\\pL',
        '[[:alpha:]_]',
      ),
      { minLength: 1, maxLength: 4 },
    )
    .filter((parts) => parts.filter((part) => part.includes('<n>')).length < 2)
    .map((parts) => parts.join('')),
  fc.oneof(
    oddText,
    fc
      .array(
        fc.constantFrom(
          ...[
            'a',
            '*',
            '+',
            '?',
            '(',
            ')',
            '[',
            ']',
            '^',
            '$',
            '|',
            '{2}',
            '{2,1}',
            '{1000}',
            '{1001}',
            '-',
            '\\',
            'é',
          ],
          ...[
            '\\d',
            '\\b',
            '\\Z',
            '\\C',
            '\\Q',
            '\\E',
            '\\1',
            '\\07',
            '\\x41',
            '\\x{110000}',
            '\\pN',
            '\\p{Greek}',
            '\\p{Foo}',
          ],
          ...[
            '(?i)',
            '(?:',
            '(?P<n>',
            '(?<n>',
            '(?=',
            '(?!',
            '(?<=',
            '(?U)',
            '(?x)',
            '[:alpha:]',
            '[:foo:]',
            '\\_',
            '\\u0041',
          ],
        ),
        { maxLength: 7 },
      )
      .map((parts) => parts.join('')),
    fc.constantFrom('(a{100}){11}', '((a{10}){10}){10}', 'a'.repeat(1024), 'é'.repeat(513), '(?P<n>a)(?P<n>b)'),
  ),
  12,
);

/** An object in which each field may be missing. */
export function some<T extends object>(fields: { [K in keyof T]-?: Arbitrary<T[K]> }): Arbitrary<Partial<T>> {
  const optional = Object.entries(fields).map(([name, of]) => [name, maybe(of as Arbitrary<unknown>)] as const);
  return fc.record(Object.fromEntries(optional), { noNullPrototype: true }) as Arbitrary<Partial<T>>;
}

/** Such objects, of which only a few have no field at all. */
export const something = <T extends object>(of: Arbitrary<T>): Arbitrary<T> =>
  mostly(
    of.filter((one) => Object.values(one).some((value) => value !== undefined)),
    of,
  );

/** Values by name. */
export function byName<T>(name: Arbitrary<string>, of: Arbitrary<T>, maxKeys = 2): Arbitrary<Record<string, T>> {
  return fc.dictionary(name, of, { maxKeys, noNullPrototype: true });
}

/** The given value, or `undefined`. */
export const maybe = <T>(of: Arbitrary<T>): Arbitrary<T | undefined> =>
  fc.oneof({ arbitrary: fc.constant(undefined), weight: 2 }, { arbitrary: of, weight: 1 });

/** A list, rarely an empty one. */
export const listOf = <T>(of: Arbitrary<T>, maxLength = 3): Arbitrary<T[]> =>
  mostly(fc.array(of, { minLength: 1, maxLength }), fc.constant([]), 60);
