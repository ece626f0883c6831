import type { WrongInput } from '../wrong-input';

/** What the message about a wrong input advises, as it says it, and the same construct after that. */
export type Mended = readonly [advice: string, construct: WrongInput['construct']];

/** By the name of the wrong input. */
export type MendedInputs = Readonly<Record<string, Mended>>;
