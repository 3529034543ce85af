/** Runs that differ in nothing but their seed, drawn as one: their mean, with a band from the lowest to the highest. */

export interface Arm {
  /** Of a single run its name, of several what they have in common. */
  readonly name: string;
  readonly runs: readonly string[];
}

const SEED = /[-_.](?:s|seed[-_]?)\d+$/;

/** `polarity-single/grpo-s1` -> `polarity-single/grpo`; a name without a seed stays whole. */
export const armName = (run: string): string => run.replace(SEED, '');

/** Arms in the order their first runs come. A single run keeps its own name. */
export function armsOf(runs: readonly string[], isJoined: boolean): Arm[] {
  if (!isJoined) return runs.map((run) => ({ name: run, runs: [run] }));
  const byName = new Map<string, string[]>();
  for (const run of runs) byName.set(armName(run), [...(byName.get(armName(run)) ?? []), run]);
  return [...byName].map(([name, members]) => ({
    name: members.length > 1 ? name : (members[0] ?? name),
    runs: members,
  }));
}

/** Names without the folder that all of them lie in, for legends. */
export function shortNames(names: readonly string[]): string[] {
  const folder = names[0]?.slice(0, names[0].lastIndexOf('/') + 1) ?? '';
  return names.every((name) => name.startsWith(folder)) ? names.map((name) => name.slice(folder.length)) : [...names];
}
