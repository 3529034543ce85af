/**
 * The floors of the house. The table below is the diagram: a room may import from rooms on lower floors and from itself, never
 * from above and never from another room on its own floor. Tests beside the source may look anywhere and are not checked.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const FLOORS: readonly (readonly string[])[] = [
  ['core'],
  ['text', 'verify', 'objectives', 'graph', 'journal'],
  ['tasks', 'model'],
  ['engine'],
  ['rollout'],
  ['evaluate'],
  ['train', 'study', 'dashboard'],
  ['cli'],
];

/** Rooms that see less than their floor allows. */
const SEES_ONLY: Readonly<Record<string, readonly string[]>> = {
  // A run is what lies on disk: how it was made, and by which engine, is none of the dashboard's business.
  dashboard: ['evaluate', 'objectives', 'text', 'journal', 'core'],
  // Samplers and Problems cross by the seams' types alone: an engine must not meet tasks, objectives or the journal.
  engine: ['model', 'graph', 'text', 'core'],
  model: ['graph', 'core'],
  tasks: ['text', 'verify', 'core'],
};

/** Paths that only some rooms may import, and only by `import()`: who does not use the engine does not load it. */
const DYNAMIC_ONLY: Readonly<Record<string, readonly string[]>> = {
  'engine/onnx/': ['cli'],
  'engine/tinker/': ['cli'],
};

/** Packages that belong to one room (or a few). Others may be used anywhere. */
const PACKAGE_ROOMS: Readonly<Record<string, readonly string[]>> = {
  'onnxruntime-node': ['graph'],
  koffi: ['graph'],
  protobufjs: ['graph', 'engine', 'dashboard'],
  commander: ['cli'],
  picocolors: ['cli'],
  'hyparquet-writer': ['journal'],
  'hyparquet-compressors': ['tasks'],
  'csv-parse': ['tasks'],
  '@huggingface/jinja': ['text'],
  '@huggingface/tokenizers': ['text'],
  '@cfworker/json-schema': ['verify'],
  '@cortex-js/compute-engine': ['verify'],
  '@jitl/quickjs-wasmfile-release-sync': ['verify'],
  'decimal.js': ['verify'],
  'quickjs-emscripten-core': ['verify'],
  undici: ['engine'],
  hono: ['dashboard'],
  '@hono/node-server': ['dashboard'],
  preact: ['dashboard'],
  uplot: ['dashboard'],
  vega: ['study'],
  'vega-lite': ['study'],
};

interface Import {
  readonly specifier: string;
  readonly isDynamic: boolean;
}

function importsOf(source: string): Import[] {
  const code = source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  const found = (pattern: RegExp, isDynamic: boolean): Import[] =>
    [...code.matchAll(pattern)].map((match) => ({ specifier: match[1] ?? '', isDynamic }));
  return [
    ...found(/^\s*(?:import|export)\b[^'";]*?\bfrom\s*['"]([^'"]+)['"]/gm, false),
    ...found(/^\s*import\s*['"]([^'"]+)['"]/gm, false),
    ...found(/\bimport\(\s*['"]([^'"]+)['"]/g, true),
  ];
}

const roomOf = (path: string): string => path.split('/')[0] ?? '';
const floorOf = (room: string): number => FLOORS.findIndex((rooms) => rooms.includes(room));
const isInside = (target: string, folder: string): boolean => target.startsWith(folder);

function packageViolation(file: string, specifier: string): string | undefined {
  const name = specifier.startsWith('@') ? specifier.split('/').slice(0, 2).join('/') : (specifier.split('/')[0] ?? '');
  const rooms = PACKAGE_ROOMS[name];
  return rooms && !rooms.includes(roomOf(file)) ? `${file}: package ${name} belongs to ${rooms.join(', ')}` : undefined;
}

function importViolation(file: string, { specifier, isDynamic }: Import): string | undefined {
  if (!specifier.startsWith('.')) return packageViolation(file, specifier);
  const target = posix.normalize(posix.join(posix.dirname(file), specifier));
  if (target.startsWith('..')) return `${file}: ${specifier} leaves src/`;
  const [from, to] = [roomOf(file), roomOf(target)];
  if (floorOf(to) < 0) return `${file}: ${to}/ is on no floor`;
  for (const [folder, rooms] of Object.entries(DYNAMIC_ONLY)) {
    if (!isInside(target, folder) || isInside(file, folder)) continue;
    if (!rooms.includes(from)) return `${file}: ${folder} is imported by ${rooms.join(', ')}/ alone`;
    if (!isDynamic) return `${file}: ${folder} is imported only by import()`;
  }
  if (from === to) return undefined;
  if (floorOf(to) > floorOf(from)) return `${file}: ${from}/ imports up to ${to}/`;
  if (floorOf(to) === floorOf(from)) return `${file}: ${from}/ and ${to}/ are on one floor`;
  if (SEES_ONLY[from] && !SEES_ONLY[from].includes(to)) return `${file}: ${from}/ does not know ${to}/`;
  return undefined;
}

function cycles(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const state = new Map<string, 'open' | 'done'>();
  const found: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    if (state.get(file) === 'done') return;
    if (state.get(file) === 'open') {
      found.push(`cycle: ${[...path.slice(path.indexOf(file)), file].join(' -> ')}`);
      return;
    }
    state.set(file, 'open');
    for (const next of graph.get(file) ?? []) visit(next, [...path, file]);
    state.set(file, 'done');
  };
  for (const file of graph.keys()) visit(file, []);
  return found;
}

/** Every broken rule in a set of files, keyed by their path below src/ with forward slashes. */
function violations(sources: ReadonlyMap<string, string>): string[] {
  const problems: string[] = [];
  const graph = new Map<string, string[]>();
  for (const [file, source] of sources) {
    if (floorOf(roomOf(file)) < 0) problems.push(`${file}: ${roomOf(file)} is on no floor`);
    const imports = importsOf(source);
    problems.push(...imports.map((each) => importViolation(file, each)).filter((each) => each !== undefined));
    const local = imports.filter((each) => each.specifier.startsWith('.'));
    graph.set(
      file,
      local.map((each) => posix.normalize(posix.join(posix.dirname(file), each.specifier))),
    );
  }
  return [...problems, ...cycles(graph)];
}

const SRC = join(dirname(fileURLToPath(import.meta.url)), '..', 'src');

function sourcesOf(directory: string): Map<string, string> {
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  const checked = files.filter((file) => /\.tsx?$/.test(file) && !file.endsWith('.test.ts'));
  return new Map(
    checked.map((file) => [relative('.', file).split(sep).join('/'), readFileSync(join(directory, file), 'utf8')]),
  );
}

const planted = (file: string, source: string): string[] => violations(new Map([[file, source]]));

describe('the floors of the house', () => {
  it('hold for every source file', () => {
    const sources = sourcesOf(SRC);
    expect(sources.size).toBeGreaterThan(5);
    expect(violations(sources)).toEqual([]);
  });

  it('place every room once', () => {
    const rooms = FLOORS.flat();
    expect(new Set(rooms).size).toBe(rooms.length);
  });
});

describe('the checker finds a planted', () => {
  it.each([
    ['import upwards', 'core/x.ts', "import { a } from '../train/loop.ts';", 'core/ imports up to train/'],
    ['type import upwards', 'text/x.ts', "import type { A } from '../tasks/task.ts';", 'text/ imports up to tasks/'],
    ['re-export upwards', 'graph/x.ts', "export * from '../model/a.ts';", 'graph/ imports up to model/'],
    ['multi-line import', 'core/x.ts', "import {\n  a,\n  b,\n} from '../cli/main.ts';", 'core/ imports up to cli/'],
    ['side-effect import', 'core/x.ts', "import '../cli/main.ts';", 'core/ imports up to cli/'],
    ['dynamic import upwards', 'core/x.ts', "await import('../cli/main.ts')", 'core/ imports up to cli/'],
    ['import across one floor', 'objectives/x.ts', "import { a } from '../text/b.ts';", 'are on one floor'],
    [
      'engine that knows tasks',
      'engine/fake.ts',
      "import type { Task } from '../tasks/task.ts';",
      'engine/ does not know',
    ],
    [
      'dashboard beside the journal',
      'dashboard/x.ts',
      "import { e } from '../engine/engine.ts';",
      'dashboard/ does not',
    ],
    ['engine built by the loop', 'train/x.ts', "await import('../engine/onnx/engine.ts')", 'imported by cli/ alone'],
    ['engine loaded eagerly', 'cli/x.ts', "import { e } from '../engine/tinker/engine.ts';", 'only by import()'],
    ['import out of src', 'cli/x.ts', "import p from '../../package.json';", 'leaves src/'],
    ['unknown room', 'misc/x.ts', '', 'misc is on no floor'],
    ['native library in the loop', 'train/x.ts', "import ort from 'onnxruntime-node';", 'belongs to graph'],
  ])('%s', (_name, file, source, message) => {
    expect(planted(file, source).join('\n')).toContain(message);
  });

  it('cycle inside a room', () => {
    const files = new Map([
      ['core/a.ts', "import { b } from './b.ts';"],
      ['core/b.ts', "import { c } from './c.ts';"],
      ['core/c.ts', "import { a } from './a.ts';"],
    ]);
    expect(violations(files)).toEqual(['cycle: core/a.ts -> core/b.ts -> core/c.ts -> core/a.ts']);
  });

  it('nothing in what is allowed', () => {
    const source = [
      "// import { a } from '../cli/main.ts';",
      "/* import { a } from '../cli/main.ts'; */",
      "import { b } from '../core/random.ts';",
      "import type { T } from '../tasks/task.ts';",
      "import { c } from './metrics.ts';",
      "import { z } from 'zod';",
    ].join('\n');
    expect(planted('train/loop.ts', source)).toEqual([]);
    expect(planted('cli/engines.ts', "const e = await import('../engine/onnx/engine.ts');")).toEqual([]);
    expect(planted('engine/onnx/engine.ts', "import { e } from './decode.ts';")).toEqual([]);
  });
});
