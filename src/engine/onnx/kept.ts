/**
 * A bounded store of what took time to compile. Knows nothing of graphs.
 */

/** Compiled things by key, at most `capacity` of them: the least recently used is dropped first. */
export class Kept<Thing> {
  readonly #capacity: number;
  readonly #drop: (thing: Thing) => void;
  readonly #things = new Map<string, Thing>();

  constructor(capacity: number, drop: (thing: Thing) => void) {
    this.#capacity = capacity;
    this.#drop = drop;
  }

  async get(key: string, make: () => Promise<Thing>): Promise<Thing> {
    const known = this.#things.get(key);
    if (known !== undefined) this.#things.delete(key);
    else this.#makeRoom();
    const thing = known ?? (await make());
    this.#things.set(key, thing);
    return thing;
  }

  clear(): void {
    for (const thing of this.#things.values()) this.#drop(thing);
    this.#things.clear();
  }

  #makeRoom(): void {
    for (const [key, thing] of this.#things) {
      if (this.#things.size < this.#capacity) return;
      this.#things.delete(key);
      this.#drop(thing);
    }
  }
}
