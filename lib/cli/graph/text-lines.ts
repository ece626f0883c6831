/** Character widths as fractions of the font size: upper bounds for common sans-serif fonts. */
const NARROW = /[ .,:;!'|()[\]{}ijlftrI/\\-]/;
const WIDE = /[mwMWA-Z@%&_=~+<>#·…→]/;
const WIDER = /[mwMW@%&…]/;

const CONTROL = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]+/gu;

/** An upper bound of the width that a text takes up, in pixels. */
export function textWidth(text: string, fontSize: number): number {
  let width = 0;
  for (const character of text) {
    width += widthOf(character);
  }
  return Math.ceil(width * fontSize);
}

function widthOf(character: string): number {
  if (character > '\u024f') return character === '…' || character === '·' ? 1 : 1.1;
  if (NARROW.test(character)) return 0.42;
  if (WIDER.test(character)) return 1;
  return WIDE.test(character) ? 0.78 : 0.62;
}

/**
 * Breaks a text into lines of at most `width`, preferably at spaces. Truncates the last line with an ellipsis.
 */
export function wrapText(text: string, fontSize: number, width: number, lines: number): readonly string[] {
  const wrapped: string[] = [];
  let line = '';
  for (const word of text
    .replace(CONTROL, ' ')
    .split(' ')
    .flatMap((one) => pieces(one, fontSize, width))) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (textWidth(longer, fontSize) <= width) {
      line = longer;
    } else {
      wrapped.push(line);
      line = word;
    }
  }
  wrapped.push(line);
  if (wrapped.length <= lines) return wrapped;
  const last = Array.from(wrapped[lines - 1] ?? '');
  while (last.length > 0 && textWidth(`${last.join('')}…`, fontSize) > width) last.pop();
  return [...wrapped.slice(0, lines - 1), `${last.join('')}…`];
}

function pieces(word: string, fontSize: number, width: number): readonly string[] {
  const found: string[] = [];
  let piece = '';
  for (const character of word) {
    if (piece !== '' && textWidth(piece + character, fontSize) > width) {
      found.push(piece);
      piece = '';
    }
    piece += character;
  }
  return [...found, piece];
}
