import type { styleText } from 'node:util';

export type Style = Parameters<typeof styleText>[0];

/** The style of lines for people. */
export interface Look {
  /** The maximum width in characters; Infinity for no limit. */
  readonly columns: number;
  /** Applies the style to the text; returns it unchanged if the output has no styles. */
  readonly paint: (style: Style, text: string) => string;
}
