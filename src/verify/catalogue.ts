/**
 * The verifiers by name. Each is imported when it is first asked for: who grades Countdown loads none of them.
 */
import { nearest } from '../core/edit-distance.ts';
import { UserError } from '../core/errors.ts';
import type { Verdict } from '../core/rollout.ts';
import { parseSettings, showValue } from '../core/settings.ts';
import { messageOf, unknown } from './verdict.ts';
import type { VerifierDefinition, VerifierSpec, VerifyRequest } from './verifier.ts';

type AnyDefinition = VerifierDefinition<unknown, unknown>;

interface CatalogueEntry {
  readonly name: string;
  /** As the definition says; here too so that a pool can route a decision without loading the verifier. */
  readonly runsIn: AnyDefinition['runsIn'];
  load(): Promise<AnyDefinition>;
}

/** Imports a definition once; a definition's own types end here, where its schemas guard what it is given. */
function entry<Settings, Gold>(
  name: string,
  runsIn: AnyDefinition['runsIn'],
  load: () => Promise<VerifierDefinition<Settings, Gold>>,
): CatalogueEntry {
  let loaded: Promise<AnyDefinition> | undefined;
  return {
    name,
    runsIn,
    load() {
      loaded ??= load() as Promise<AnyDefinition>;
      return loaded;
    },
  };
}

export const verifierCatalogue: readonly CatalogueEntry[] = [
  entry('math', 'worker', async () => (await import('./math/math-verifier.ts')).mathVerifier),
  entry('choice', 'worker', async () => (await import('./choice.ts')).choiceVerifier),
  entry('exact', 'worker', async () => (await import('./exact.ts')).exactVerifier),
  entry('regex', 'worker', async () => (await import('./regex.ts')).regexVerifier),
  entry('json-schema', 'worker', async () => (await import('./json-schema.ts')).jsonSchemaVerifier),
  entry('expression', 'worker', async () => (await import('./expression-verifier.ts')).expressionVerifier),
  entry('javascript', 'worker', async () => (await import('./code/javascript-verifier.ts')).javascriptVerifier),
  entry('python', 'process', async () => (await import('./code/python-verifier.ts')).pythonVerifier),
];

/** A verifier with its settings read, ready to be asked. */
export interface LoadedVerifier {
  /** With every default written out, as `run.yaml` keeps it. */
  readonly spec: VerifierSpec;
  readonly version: number;
  readonly summary: string;
  /** Before the first decision: can decisions be made here at all? @throws UserError saying what is missing, such as a sandbox. */
  prepare(): Promise<void>;
  /** How long a worker may take, where that is more than the pool gives. */
  backstopMs(gold: unknown): number | undefined;
  /** A completion that must be correct for this gold; `undefined` where none can be made. @throws UserError for a gold that this verifier does not take. */
  goldCompletion(gold: unknown): string | undefined;
  /** Decides in this thread: not killable. Never rejects. */
  verify(gold: unknown, completion: string): Promise<Verdict>;
}

/** @throws UserError naming the verifier or the key that is wrong, and the nearest that exists. */
export async function loadVerifier(spec: VerifierSpec, where = 'verifier'): Promise<LoadedVerifier> {
  const { name, ...written } = spec;
  const definition = await find(name, where).load();
  const settings = parseSettings(definition.settings, written, where);
  return {
    spec: { name, ...(settings as Record<string, unknown>) },
    version: definition.version,
    summary: definition.summary,
    prepare: () => prepare(definition, settings, where),
    backstopMs(gold) {
      const parsed = definition.backstopMs && definition.gold.safeParse(gold);
      return parsed?.success ? definition.backstopMs?.(settings, parsed.data) : undefined;
    },
    goldCompletion: (gold) => definition.goldCompletion(settings, parseSettings(definition.gold, gold, 'gold')),
    verify: (gold, completion) => decide(definition, settings, gold, completion),
  };
}

/** The same specification with every default written out. @throws UserError as `loadVerifier` does. */
export async function resolveVerifier(spec: VerifierSpec, where = 'verifier'): Promise<VerifierSpec> {
  return (await loadVerifier(spec, where)).spec;
}

/** Part of an evaluation's protocol: scores of different versions do not compare. */
export async function verifierVersion(spec: VerifierSpec): Promise<number> {
  return (await loadVerifier(spec)).version;
}

/** A completion that must be correct, for self-checks. @throws UserError for wrong settings or a gold that this verifier does not take. */
export async function goldCompletion(spec: VerifierSpec, gold: unknown): Promise<string | undefined> {
  return (await loadVerifier(spec)).goldCompletion(gold);
}

/** One decision in this thread, where nothing can kill it: for tools and tests, and what each worker of the pool does. Never rejects. */
export async function verifyHere(request: VerifyRequest): Promise<Verdict> {
  try {
    const verifier = await loadVerifier(request.verifier);
    return await verifier.verify(request.gold, request.completion);
  } catch (error) {
    return unknown('verifier error', messageOf(error));
  }
}

/** Where a verifier of this name runs; an unknown name goes to a worker, whose verdict says what is wrong with it. */
export function runsIn(name: string): AnyDefinition['runsIn'] {
  return verifierCatalogue.find((candidate) => candidate.name === name)?.runsIn ?? 'worker';
}

function find(name: unknown, where: string): CatalogueEntry {
  const found = verifierCatalogue.find((candidate) => candidate.name === name);
  if (found !== undefined) return found;
  const names = verifierCatalogue.map((candidate) => candidate.name);
  const hint = typeof name === 'string' ? `; did you mean ${nearest(name, names)}?` : '';
  throw new UserError(`${where}: name must be one of ${names.join(', ')}, got ${showValue(name)}${hint}`);
}

async function prepare(definition: AnyDefinition, settings: unknown, where: string): Promise<void> {
  try {
    await definition.prepare?.(settings);
  } catch (error) {
    if (error instanceof UserError) throw new UserError(`${where}: ${error.message}`, { cause: error });
    throw error;
  }
}

async function decide(
  definition: AnyDefinition,
  settings: unknown,
  written: unknown,
  completion: string,
): Promise<Verdict> {
  let gold: unknown;
  try {
    gold = parseSettings(definition.gold, written, 'gold');
  } catch (error) {
    return unknown('unparsable gold', messageOf(error));
  }
  try {
    return await definition.verify(settings, gold, completion);
  } catch (error) {
    return unknown('verifier error', messageOf(error));
  }
}
