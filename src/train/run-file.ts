/**
 * Run files as text: YAML (or JSON) to plain values, `--set` overrides, shorthands written out. Does not know which settings exist.
 */
import { isMap, LineCounter, parseDocument } from 'yaml';
import { UserError } from '../core/errors.ts';

export type Mapping = Record<string, unknown>;

const isMapping = (value: unknown): value is Mapping =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** @throws UserError naming line and column when it is not YAML, or not a mapping. */
export function parseYaml(text: string, where: string): Mapping {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  const problem = document.errors[0] ?? document.warnings[0];
  if (problem) {
    const { line, col } = lineCounter.linePos(problem.pos[0]);
    throw new UserError(`${where}:${line}:${col}: not valid YAML: ${problem.message}`);
  }
  if (!isMap(document.contents)) throw new UserError(`${where}: a run file is a mapping of keys to values`);
  return document.toJS() as Mapping;
}

/** A value after `=` in `--set`: YAML, so `2` is a number, `true` a boolean, `[1, 4]` a list. */
function parseValue(text: string, override: string): unknown {
  const document = parseDocument(text, { prettyErrors: false });
  const problem = document.errors[0] ?? document.warnings[0];
  if (problem) throw new UserError(`--set ${override}: the value is not valid YAML: ${problem.message}`);
  return document.toJS();
}

/** The value with `key.path=value` applied; the original stays as it is. @throws UserError when the path leads through a value. */
export function applyOverride(settings: Mapping, override: string): Mapping {
  const at = override.indexOf('=');
  const keys = override.slice(0, Math.max(at, 0)).trim().split('.');
  if (at < 1 || keys.some((key) => key === ''))
    throw new UserError(`--set takes key.path=value, e.g. --set training.steps=20, got ${override}`);
  return withValue(settings, keys, parseValue(override.slice(at + 1), override), override) as Mapping;
}

function withValue(node: unknown, [key, ...rest]: readonly string[], value: unknown, override: string): unknown {
  if (key === undefined) return value;
  if (Array.isArray(node)) {
    const index = Number(key);
    if (!Number.isInteger(index) || index < 0 || index >= node.length)
      throw new UserError(`--set ${override}: ${key} is not an index of a list of ${node.length}`);
    return node.with(index, withValue(node[index], rest, value, override));
  }
  if (node !== undefined && node !== null && !isMapping(node))
    throw new UserError(`--set ${override}: ${key} is below ${JSON.stringify(node)}, which is not a mapping`);
  return { ...node, [key]: withValue(node?.[key], rest, value, override) };
}

/** Names that stand for a mapping: `engine: onnx` is `engine: { onnx: {} }`, so that overrides can reach below it. */
export function expandShorthands(settings: Mapping): Mapping {
  const { task, engine, objective } = settings;
  return {
    ...settings,
    ...(typeof task === 'string' ? { task: { name: task } } : {}),
    ...(typeof engine === 'string' ? { engine: { [engine]: {} } } : {}),
    ...(typeof objective === 'string' ? { objective: { recipe: objective } } : {}),
  };
}

/** The plain settings of a run file with overrides applied in order, shorthands written out. @throws UserError */
export function readSettings(text: string, where: string, overrides: readonly string[] = []): Mapping {
  const apply = (settings: Mapping, override: string) => expandShorthands(applyOverride(settings, override));
  return overrides.reduce(apply, expandShorthands(parseYaml(text, where)));
}
