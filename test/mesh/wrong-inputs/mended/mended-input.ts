import type { WrongInput } from '../wrong-input';

/** The advice in the message about a wrong input, in its own words, and the construct that follows it. */
export type Mended = readonly [advice: string, construct: WrongInput['construct']];

/** By the name of the wrong input. */
export type MendedInputs = Readonly<Record<string, Mended>>;
