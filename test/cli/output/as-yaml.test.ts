import { parse } from 'yaml';
import { asYaml } from '../../../lib/cli/output/as-yaml';

const LONG = 'words '.repeat(60);

/** Texts that some YAML parsers read as something other than text, unless they are quoted. */
const TEXTS: readonly string[] = [
  ...['no', 'No', 'NO', 'yes', 'y', 'Y', 'n', 'N', 'on', 'Off', 'true', 'False', 'null', '~', ''],
  ...[
    '1e3',
    '1E3',
    '0x10',
    '0o17',
    '017',
    '0b11',
    '1_000',
    '+1',
    '-1',
    '.5',
    '5.',
    '1.',
    '-.5e3',
    '.inf',
    '-.INF',
    '.nan',
  ],
  ...['12:30', '1:30:00', '2026-11-28', '2026-11-28T10:00:00Z', '=', '<<', '-', '?', ':', '---', '--- a', '...', '%a'],
  ...['a: b', 'a:', 'a #b', '# a', '- a', '? a', '[a]', '{a}', '*a', '&a', '!a', '!!int 1', '|', '>', '@a', '`a'],
  ...[
    '"a"',
    "'a'",
    'a "b" \\n',
    ' a',
    'a ',
    '\ta',
    'a\tb',
    'a\nb',
    'a\n',
    '\na',
    'a\n\n  b\n',
    ' a\nb',
    `${LONG}\n${LONG}`,
  ],
  ...['a\rb', 'a\r\nb', 'a\u0000b', '\u001b[31mred', 'a\n\u001b[2Kb: c', 'a\u007fb', 'a\u0085b', 'a\u009b2Jb'],
  ...['a\u2028b', 'a\u2029b', '\ufeffa', 'a\ufeffb', 'a\u202eb', 'a\u2066b', 'a\ufffeb', '\u00a0', 'a\ud800b'],
  ...['\\u0041', LONG, 'äöü', '漢字', '🙂', 'refused: admission webhook "a.example" denied it: {"code": 403}'],
];

const data = {
  list: TEXTS,
  values: Object.fromEntries(TEXTS.map((text, index) => [`key${String(index)}`, text])),
  others: { number: 3, fraction: 0.5, yes: true, none: null, empty: {}, items: [] },
};

test.each([
  ['1.1', 'yaml-1.1'],
  ['1.1', 'core'],
  ['1.2', 'core'],
  ['1.2', 'yaml-1.1'],
] as const)('a parser of YAML %s with the schema %s reads the same data', async (version, schema) => {
  expect(parse(await asYaml(data), { version, schema })).toEqual(data);
});

test('YAML output contains no control characters', async () => {
  expect((await asYaml(data)).replaceAll('\n', '')).not.toMatch(
    /[\p{Cc}\p{Bidi_Control}\p{Cs}\u2028\u2029\ufeff\ufffe]/u,
  );
});

test('YAML output quotes only texts that parsers may misread, and has no directives or anchors', async () => {
  const shared = { path: 'istio-proxy.image', old: 'proxy:1.30.2' };
  expect(await asYaml({ schemaVersion: 1, namespace: 'shop', differences: [shared, shared], at: '2026-11-24' })).toBe(
    [
      'schemaVersion: 1',
      'namespace: shop',
      'differences:',
      '  - path: istio-proxy.image',
      '    old: proxy:1.30.2',
      '  - path: istio-proxy.image',
      '    old: proxy:1.30.2',
      'at: "2026-11-24"',
    ].join('\n'),
  );
});

test('YAML output does not wrap long lines', async () => {
  const text = `a${LONG}b`;
  expect(await asYaml({ text })).toBe(`text: ${text}`);
});
