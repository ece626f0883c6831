import { ListItems, type ArrayTexts, type UnparsedArrays } from './list-items';

/** What a list says of itself, beside its items. */
interface ListEnvelope {
  readonly metadata?: { readonly continue?: string };
}

export interface ListPageOptions<R> {
  readonly unparsed: UnparsedArrays;
  /** Turns the text of one item into what is kept of it. */
  readonly read: (text: string, arrays: ArrayTexts) => R;
}

/** One page of a list while it arrives. */
export class ListPage<R> {
  /** The token of the next page, once the beginning of this one has arrived; empty if it contains none. */
  readonly ahead: Promise<string>;
  /** What is kept of the items, and the token of the next page; empty when this is the last. */
  readonly whole: Promise<{ readonly items: readonly R[]; readonly next: string }>;

  /** @param request has what it is given take the items of the answer, anew for each attempt; gives what is around them */
  constructor(request: (items: () => ListItems) => Promise<unknown>, { unparsed, read }: ListPageOptions<R>) {
    let items: R[] = [];
    let tell: (next: string) => void = () => undefined;
    this.ahead = new Promise((resolve) => {
      tell = resolve;
    });
    const onBeginning = (beginning: string) => {
      tell(nextOf(JSON.parse(`${beginning}]}`)));
    };
    this.whole = request(() => {
      // A request that is tried again brings the page from its beginning.
      items = [];
      return new ListItems(unparsed, (text, arrays) => items.push(read(text, arrays)), onBeginning);
    }).then((envelope) => ({ items, next: nextOf(envelope) }));
    const onEnd = () => {
      tell('');
    };
    this.whole.then(onEnd, onEnd);
  }
}

function nextOf(envelope: unknown): string {
  return (envelope as ListEnvelope).metadata?.continue ?? '';
}
