import { asJson } from '../../../lib/cli/output/as-json';
import { cleanText } from '../../../lib/engine/cluster/clean-text';

const HOSTILE = 'a\u001b[2J\u0007\u009b31m\u202eb\u2028c\u2029d\ud800\n\t"\\"';

describe('asJson', () => {
  test('escapes control characters, so that a terminal neither interprets nor drops them', () => {
    const text = asJson({ [HOSTILE]: [HOSTILE] });
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u);
    expect(JSON.parse(cleanText(text))).toEqual({ [HOSTILE]: [HOSTILE] });
  });

  test('is indented', () => {
    expect(asJson({ a: ['ü'] })).toBe('{\n  "a": [\n    "ü"\n  ]\n}');
  });
});
