/**
 * A deterministic allowance of steps: what runs out on one machine runs out on every machine, at the same place.
 */

/** Thrown by `spend`, caught where the budget was made. */
export class BudgetExceeded extends Error {
  override readonly name = 'BudgetExceeded';
}

export class Budget {
  readonly limit: number;
  #spent = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  get spent(): number {
    return this.#spent;
  }

  /** Before work of about `steps` elementary operations; a step is about a multiplication of two machine words. @throws BudgetExceeded */
  spend(steps: number): void {
    this.#spent += steps;
    if (this.#spent > this.limit) throw new BudgetExceeded(`more than ${this.limit} steps`);
  }
}
