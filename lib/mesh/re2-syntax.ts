/** Why an expression is none of RE2's syntax, and what to write instead. */
export interface Re2Problem {
  readonly reason: string;
  readonly remedy: string;
}

const MAX_REPETITION = 1000;
const CATEGORIES = /^(Any|L[ulmot]?|M[nce]?|N[dlo]?|P[cdsepifo]?|S[mcko]?|Z[slp]?|C[cfos]?)$/;
const SCRIPTS_OF_FOUR_LETTERS = ['Ahom', 'Cham', 'Kawi', 'Lisu', 'Miao', 'Modi', 'Newa', 'Thai'];
const SCRIPTS_WITHOUT_CHARACTERS = ['Katakana_Or_Hiragana', 'Unknown'];
const POSIX_CLASS = /\[:\^?(alnum|alpha|ascii|blank|cntrl|digit|graph|lower|print|punct|space|upper|word|xdigit):\]/y;
const REPETITION = /\{(0|[1-9]\d*)(?:(,)(0|[1-9]\d*)?)?\}/y;
const CONTROL_CHARACTERS: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 };

/** The first problem of an expression in RE2's syntax, or nothing. */
export function re2Problem(expression: string): Re2Problem | undefined {
  try {
    new Re2Reader(expression).read();
    return undefined;
  } catch (error) {
    if (error instanceof Refusal) return error.problem;
    throw error;
  }
}

class Refusal extends Error {
  constructor(readonly problem: Re2Problem) {
    super(problem.reason);
  }
}

/** Reads an expression from start to end; stops at the first problem. */
class Re2Reader {
  private at = 0;
  private readonly names = new Set<string>();

  constructor(private readonly text: string) {}

  read(): void {
    this.alternatives();
    if (this.at < this.text.length) throw plain();
  }

  /** Alternatives up to a closing bracket or the end; returns how often they repeat something at most. */
  private alternatives(): number {
    let most = 1;
    // What a repetition would repeat: how often that repeats something itself.
    let before: number | undefined;
    while (this.at < this.text.length && this.text[this.at] !== ')') {
      if (this.take('|')) {
        before = undefined;
        continue;
      }
      const repeated = this.repetition();
      if (repeated === undefined) {
        before = this.atom();
      } else {
        if (before === undefined) throw plain();
        const { text, times } = repeated;
        if (times * before > MAX_REPETITION) throw tooOften(text);
        most = Math.max(most, Math.max(times, 1) * before);
        // A repetition of a repetition needs brackets.
        before = undefined;
      }
      most = Math.max(most, before ?? 1);
    }
    return most;
  }

  private repetition(): { readonly text: string; readonly times: number } | undefined {
    const start = this.at;
    let times = 1;
    if (!'*+?'.includes(this.text[this.at] ?? '')) {
      const found = this.match(REPETITION);
      if (!found) return undefined;
      const [text, from = '', open, to] = found;
      const [least, most] = [Number(from), to === undefined ? Number(from) : Number(to)];
      if (Math.max(least, most) > MAX_REPETITION) throw tooOften(text);
      if (open !== undefined && to !== undefined && least > most) throw plain();
      times = most;
    } else {
      this.at++;
    }
    const text = this.text.slice(start, this.at);
    this.take('?');
    return { text, times };
  }

  /** One thing that can be repeated; returns how often it repeats something itself, or nothing for what stands for none. */
  private atom(): number | undefined {
    if (this.take('(')) return this.group();
    if (this.match(/\\Q/y)) return this.literalText() > 0 ? 1 : undefined;
    if (this.take('[')) this.characterClass();
    else if (this.take('\\')) this.escape();
    else this.character();
    return 1;
  }

  private literalText(): number {
    const start = this.at;
    const end = this.text.indexOf('\\E', start);
    this.at = end < 0 ? this.text.length : end + 2;
    return (end < 0 ? this.at : end) - start;
  }

  private group(): number | undefined {
    if (this.take('?')) {
      if (this.match(/<?[=!]/y)) throw lookingAround();
      const name = this.match(/P?<([A-Za-z0-9_]+)>/y)?.[1];
      if (name === undefined) {
        const end = this.match(/[imsU]*(?:-[imsU]+)?([:)])/y)?.[1];
        if (end === undefined) throw plain();
        if (end === ')') return undefined;
      } else {
        if (this.names.has(name)) throw refusal(`names two groups '${name}'`, 'give each another name');
        this.names.add(name);
      }
    }
    const most = this.alternatives();
    if (!this.take(')')) throw plain();
    return most;
  }

  private escape(): void {
    if (!this.match(/[AbBzdDsSwW]/y) && !this.unicodeClass()) this.escapedCharacter();
  }

  private unicodeClass(): boolean {
    const found = this.match(/[pP](?:\{\^?([^}]*)\}|([^{]))/y);
    if (!found) return false;
    const name = found[1] ?? found[2] ?? '';
    if (!CATEGORIES.test(name) && !isScript(name)) {
      throw refusal(`has the class \\${found[0]}, which RE2 does not know`, 'write one such as \\pL or \\p{Greek}');
    }
    return true;
  }

  private characterClass(): void {
    this.take('^');
    for (let first = true; first || !this.take(']'); first = false) {
      if (this.at >= this.text.length) throw plain();
      if (this.text.startsWith('[:', this.at) && this.text.includes(':]', this.at + 2)) {
        if (!this.match(POSIX_CLASS)) throw plain();
        continue;
      }
      if (this.text[this.at] === '\\') {
        const start = this.at++;
        if (this.match(/[dDsSwW]/y) ?? this.unicodeClass()) continue;
        this.at = start;
      }
      const from = this.classCharacter();
      if (this.text[this.at] !== '-' || this.at + 1 >= this.text.length || this.text[this.at + 1] === ']') continue;
      this.at++;
      if (this.classCharacter() < from) throw plain();
    }
  }

  private classCharacter(): number {
    return this.take('\\') ? this.escapedCharacter() : this.character();
  }

  private character(): number {
    const code = this.text.codePointAt(this.at);
    if (code === undefined) throw plain();
    this.at += String.fromCodePoint(code).length;
    return code;
  }

  /** A character behind a backslash; returns its code. */
  private escapedCharacter(): number {
    const octal = this.match(/0[0-7]{0,2}|[1-7][0-7]{1,2}/y)?.[0];
    if (octal !== undefined) return parseInt(octal, 8);
    const hexadecimal = this.match(/x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]+)\})/y);
    const code = parseInt(hexadecimal?.[1] ?? hexadecimal?.[2] ?? '', 16);
    if (code <= 0x10ffff) return code;
    if (hexadecimal) throw refusal(`has \\${hexadecimal[0]}, which is no character`, 'write one up to \\x{10FFFF}');
    const escaped = String.fromCodePoint(this.character());
    if (/[1-9]/.test(escaped)) throw refusal(`refers back with \\${escaped}, which RE2 cannot`, 'write it without');
    const known = CONTROL_CHARACTERS[escaped];
    if (known === undefined && !/[^A-Za-z0-9\u0080-\u{10FFFF}]/u.test(escaped)) {
      throw refusal(`has \\${escaped}, which RE2 does not know`, 'write it in RE2 syntax');
    }
    return known ?? escaped.charCodeAt(0);
  }

  private take(character: string): boolean {
    const there = this.text[this.at] === character;
    if (there) this.at++;
    return there;
  }

  private match(sticky: RegExp): RegExpExecArray | null {
    sticky.lastIndex = this.at;
    const found = sticky.exec(this.text);
    if (found) this.at = sticky.lastIndex;
    return found;
  }
}

function isScript(name: string): boolean {
  if (name.length === 4 ? !SCRIPTS_OF_FOUR_LETTERS.includes(name) : !/^[A-Z][A-Za-z_]+$/.test(name)) return false;
  if (SCRIPTS_WITHOUT_CHARACTERS.includes(name)) return false;
  try {
    return new RegExp(`\\p{Script=${name}}`, 'u') instanceof RegExp;
  } catch {
    return false;
  }
}

const refusal = (reason: string, remedy: string): Refusal => new Refusal({ reason, remedy });
const plain = (): Refusal => refusal('is not a regular expression', 'write it in RE2 syntax');
const lookingAround = (): Refusal => refusal('looks around, which RE2 cannot', 'write it without (?= (?! (?<');
const tooOften = (repetition: string): Refusal =>
  refusal(`repeats ${repetition}, which RE2 does not`, `repeat at most ${String(MAX_REPETITION)} times`);
