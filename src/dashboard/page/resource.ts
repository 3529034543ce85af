/**
 * An answer of the server as a view sees it over time: loading, ready, broken. While it is asked again, and when asking again fails,
 * the last good answer stays.
 */
import { useEffect, useRef, useState } from 'preact/hooks';
import { type Address, type Answer, ask, type Failure } from './client.ts';

export type Resource<Reply> =
  | { readonly state: 'loading'; readonly value?: undefined; readonly retry: () => void }
  | { readonly state: 'ready'; readonly value: Reply; readonly retry: () => void }
  | { readonly state: 'broken'; readonly failure: Failure; readonly value?: Reply; readonly retry: () => void };

/** Between an answer and the next question, however fast the run moves. */
const REST_MS = 700;

/** Asks one address whenever it is wanted, one question at a time: what is wanted meanwhile is asked once, afterwards. */
class Asker<Reply> {
  private readonly abort = new AbortController();
  private readonly address: Address<Reply>;
  private readonly tell: (answer: Answer<Reply>) => void;
  private isBusy = false;
  private isWanted = false;

  constructor(address: Address<Reply>, tell: (answer: Answer<Reply>) => void) {
    this.address = address;
    this.tell = tell;
  }

  async want(): Promise<void> {
    this.isWanted = true;
    if (this.isBusy) return;
    this.isBusy = true;
    while (this.isWanted && !this.abort.signal.aborted) {
      this.isWanted = false;
      const answer = await ask(this.address, this.abort.signal);
      if (this.abort.signal.aborted) return;
      this.tell(answer);
      await new Promise((resolve) => setTimeout(resolve, REST_MS));
    }
    this.isBusy = false;
  }

  close(): void {
    this.abort.abort();
  }
}

interface Held<Reply> {
  readonly address: string;
  readonly value?: Reply;
  readonly failure?: Failure;
}

/**
 * @param address undefined: nothing is wanted yet, and the state is loading
 * @param version asked again whenever this changes, e.g. a count of the live stream
 */
export function useReply<Reply>(address: Address<Reply> | undefined, version: unknown = 0): Resource<Reply> {
  const [held, setHeld] = useState<Held<Reply> | undefined>();
  const asker = useRef<Asker<Reply> | undefined>(undefined);

  useEffect(() => {
    if (address === undefined) return;
    asker.current = new Asker(address, (answer) => setHeld((before) => heldAfter(before, address, answer)));
    return () => asker.current?.close();
  }, [address]);

  useEffect(() => {
    void asker.current?.want();
  }, [address, version]);

  const retry = (): void => void asker.current?.want();
  if (held === undefined || held.address !== address) return { state: 'loading', retry };
  const value = held.value === undefined ? {} : { value: held.value };
  if (held.failure) return { state: 'broken', failure: held.failure, retry, ...value };
  return held.value === undefined ? { state: 'loading', retry } : { state: 'ready', value: held.value, retry };
}

function heldAfter<Reply>(before: Held<Reply> | undefined, address: string, answer: Answer<Reply>): Held<Reply> {
  if (answer.ok) return { address, value: answer.value };
  const last = before?.address === address && before.value !== undefined ? { value: before.value } : {};
  return { address, failure: answer.failure, ...last };
}
