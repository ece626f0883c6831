import { ListItems, type ArrayTexts, type UnparsedArrays } from './list-items';

/** The fields of a list besides its items. */
interface ListEnvelope {
  readonly metadata?: { readonly continue?: string };
}

export interface ListPageOptions<R> {
  readonly unparsed: UnparsedArrays;
  /** Converts the text of an item to the record to keep. */
  readonly read: (text: string, arrays: ArrayTexts) => R;
}

/** One page of a list, as it arrives. */
export class ListPage<R> {
  /** The token of the next page, as soon as the beginning of this one has arrived; empty if it contains none. */
  readonly ahead: Promise<string>;
  /** The records of the items, and the token of the next page; empty if this is the last page. */
  readonly whole: Promise<{ readonly items: readonly R[]; readonly next: string }>;

  /** @param request passes the items to a new reader for each attempt, and returns the list without its items */
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
      // A retried request reads the page from its beginning.
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
