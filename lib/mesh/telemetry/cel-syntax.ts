const TOKENS = new RegExp(
  [
    /(?<blank>[\t\n\f\r ]+|\/\/[^\n]*)/,
    /(?<text>[bB]?[rR]("""[^]*?"""|'''[^]*?'''|"[^"\n\r]*"|'[^'\n\r]*'))/,
    /(?<escaped>[bB]?("""(\\[^]|[^\\])*?"""|'''(\\[^]|[^\\])*?'''|"(\\[^\n\r]|[^"\\\n\r])*"|'(\\[^\n\r]|[^'\\\n\r])*'))/,
    /(?<number>\d+\.\d+([eE][+-]?\d+)?|\.\d+([eE][+-]?\d+)?|\d+[eE][+-]?\d+|0x[0-9A-Fa-f]+[uU]?|\d+[uU]?)/,
    /(?<name>[A-Za-z_][A-Za-z0-9_]*)/,
    /(?<sign>==|!=|<=|>=|&&|\|\||[-+*/%<>!?:.,()[\]{}])/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'y',
);
const ESCAPES =
  /\\(?:[abfnrtv"'`?\\]|x[0-9A-Fa-f]{2}|[xX][0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|[0-3][0-7]{2})/g;
const RESERVED = new Set(
  'in true false null as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);
const LITERALS = new Set(['true', 'false', 'null']);
const NOT_FIELDS = new Set([...LITERALS, 'in']);
const MACROS = new Set(['all', 'exists', 'exists_one', 'filter', 'map']);
const BINARY = new Set(['||', '&&', '==', '!=', '<', '<=', '>', '>=', 'in', '+', '-', '*', '/', '%']);
// As istiod's parser has it, with room to spare.
const MAX_DEPTH = 50;

interface Token {
  readonly kind: string;
  readonly text: string;
}

/** Whether a text is an expression in CEL. */
export function isCel(expression: string): boolean {
  const tokens = tokensOf(expression);
  return tokens !== undefined && new CelReader(tokens).reads();
}

function tokensOf(expression: string): Token[] | undefined {
  const tokens: Token[] = [];
  for (let at = 0; at < expression.length; at = TOKENS.lastIndex) {
    TOKENS.lastIndex = at;
    const found = TOKENS.exec(expression);
    if (!found) return undefined;
    const [kind = ''] = Object.entries(found.groups ?? {}).find(([, text]) => text !== undefined) ?? [];
    if (kind === 'escaped' && !isEscaped(found[0])) return undefined;
    if (kind === 'number' && !isNumber(found[0])) return undefined;
    if (kind !== 'blank') tokens.push({ kind: kind === 'escaped' ? 'text' : kind, text: found[0] });
  }
  return tokens;
}

function isEscaped(text: string): boolean {
  const codes = [...text.matchAll(/\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8}))/g)].map(([, short, long]) =>
    parseInt(short ?? long ?? '', 16),
  );
  const characters = codes.every((code) => code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff));
  return characters && !(codes.length > 0 && /^b/i.test(text)) && !text.replace(ESCAPES, '').includes('\\');
}

function isNumber(text: string): boolean {
  const whole = /^(0x[0-9A-Fa-f]+|\d+)([uU]?)$/.exec(text);
  if (!whole) return Number.isFinite(Number(text));
  return BigInt(whole[1] ?? '') < 2n ** (whole[2] === '' ? 63n : 64n);
}

/** Reads tokens from first to last; each method says whether what it is named after is there. */
class CelReader {
  private at = 0;
  private depth = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  reads(): boolean {
    return this.expression() && this.at === this.tokens.length;
  }

  private expression(): boolean {
    if (++this.depth > MAX_DEPTH || !this.operation()) return false;
    if (this.take('?') && !(this.operation() && this.take(':') && this.expression())) return false;
    this.depth--;
    return true;
  }

  private operation(): boolean {
    if (!this.unary()) return false;
    while (BINARY.has(this.tokens[this.at]?.text ?? '')) {
      this.at++;
      if (!this.unary()) return false;
    }
    return true;
  }

  private unary(): boolean {
    const sign = ['!', '-'].find((one) => this.tokens[this.at]?.text === one);
    while (sign !== undefined && this.take(sign));
    return this.member();
  }

  private member(): boolean {
    if (!this.primary()) return false;
    for (;;) {
      if (this.take('.')) {
        const { text = '' } = this.tokens[this.at] ?? {};
        if (!this.name(NOT_FIELDS)) return false;
        if (this.take('(') && !((!MACROS.has(text) || this.variable()) && this.list(')'))) return false;
      } else if (this.take('[')) {
        if (!this.expression() || !this.take(']')) return false;
      } else {
        return true;
      }
    }
  }

  private primary(): boolean {
    if (this.take('(')) return this.expression() && this.take(')');
    if (this.take('[')) return this.list(']');
    if (this.take('{')) return this.entries(() => this.expression());
    const { kind = '', text = '' } = this.tokens[this.at] ?? {};
    if (kind === 'number' || kind === 'text') return this.at++ >= 0;
    if (kind === 'name' && LITERALS.has(text)) return this.at++ >= 0;
    this.take('.');
    if (!this.name(RESERVED)) return false;
    if (!this.take('(')) return true;
    return text === 'has' ? this.field() && this.take(')') : this.list(')');
  }

  /** The variable that a macro binds, as its first argument. */
  private variable(): boolean {
    return this.tokens[this.at]?.kind === 'name' && this.tokens[this.at + 1]?.text === ',';
  }

  /** What ends with a field's name. */
  private field(): boolean {
    return this.member() && this.tokens[this.at - 1]?.kind === 'name' && this.tokens[this.at - 2]?.text === '.';
  }

  private list(end: string): boolean {
    if (this.take(end)) return true;
    do {
      if (end === ']' && this.tokens[this.at]?.text === ']') break;
      if (!this.expression()) return false;
    } while (this.take(','));
    return this.take(end);
  }

  private entries(key: () => boolean): boolean {
    while (!this.take('}')) {
      if (!key() || !this.take(':') || !this.expression()) return false;
      if (!this.take(',')) return this.take('}');
    }
    return true;
  }

  private name(reserved: ReadonlySet<string>): boolean {
    const { kind, text = '' } = this.tokens[this.at] ?? {};
    if (kind !== 'name' || reserved.has(text)) return false;
    this.at++;
    return true;
  }

  private take(text: string): boolean {
    const { kind, text: there } = this.tokens[this.at] ?? {};
    if (there !== text || kind === 'text') return false;
    this.at++;
    return true;
  }
}
