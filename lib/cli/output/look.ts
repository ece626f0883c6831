import type { styleText } from 'node:util';

export type Style = Parameters<typeof styleText>[0];

/** How lines for a person are to look. */
export interface Look {
  /** The width in characters; Infinity for no limit. */
  readonly columns: number;
  /** The text in that style, or as it is where nothing shows styles. */
  readonly paint: (style: Style, text: string) => string;
}
