/** How far two words are from each other, for "did you mean". Pure. */

/** Insertions, deletions, substitutions and swaps of neighbours that turn a into b (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  const width = b.length + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: width }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j < width; j++) {
      const substitution = last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      let best = Math.min(row[j - 1]! + 1, last[j]! + 1, substitution);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, beforeLast[j - 2]! + 1);
      row.push(best);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}

/** The choice closest to `word`, case counting for little; the first of equals; `undefined` when there are no choices. */
export function nearest(word: string, choices: readonly string[]): string | undefined {
  const distance = (choice: string) =>
    editDistance(word.toLowerCase(), choice.toLowerCase()) + editDistance(word, choice) / 1000;
  return choices.reduce<string | undefined>(
    (best, choice) => (best === undefined || distance(choice) < distance(best) ? choice : best),
    undefined,
  );
}
