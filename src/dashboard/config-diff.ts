/** Where the settings of several runs part, by the paths of their leaves. */

/** `training.learningRate` -> `0.0003`. Lists of plain values are one leaf, an empty mapping too. */
export function leavesOf(value: unknown, path = ''): Map<string, string> {
  const leaves = new Map<string, string>();
  collect(value, path, leaves);
  return leaves;
}

function collect(value: unknown, path: string, leaves: Map<string, string>): void {
  const entries = innerOf(value);
  if (entries === undefined) leaves.set(path, textOf(value));
  else for (const [key, inner] of entries) collect(inner, path === '' ? key : `${path}.${key}`, leaves);
}

const isInner = (value: unknown): value is object => typeof value === 'object' && value !== null;

function innerOf(value: unknown): [string, unknown][] | undefined {
  if (!isInner(value)) return undefined;
  const entries = Object.entries(value);
  return entries.length === 0 || (Array.isArray(value) && !value.some(isInner)) ? undefined : entries;
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? 'null'));

export interface ConfigDifferences {
  readonly differences: readonly { readonly path: string; readonly values: readonly (string | null)[] }[];
  readonly same: number;
}

/** Names are left out: they always differ. @param configs parsed run files, in the order of `values` */
export function configDifferences(configs: readonly unknown[]): ConfigDifferences {
  const leaves = configs.map((config) => leavesOf(config ?? {}));
  const paths = [...new Set(leaves.flatMap((each) => [...each.keys()]))].filter(
    (path) => path !== 'name' && path !== '',
  );
  const all = paths.sort().map((path) => ({ path, values: leaves.map((each) => each.get(path) ?? null) }));
  const differences = all.filter(({ values }) => new Set(values).size > 1);
  return { differences, same: all.length - differences.length };
}
