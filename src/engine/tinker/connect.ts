/** From an address to an engine: session, what kind of server it is, model. */
import { UserError } from '../../core/errors.ts';
import { type ConformanceReport, type ProbeTarget, probe } from './conformance.ts';
import { createTinkerEngine, type TinkerEngine } from './engine.ts';
import { quoted } from './failure.ts';
import { PROFILES, type Profile, type ProfileName } from './profile.ts';
import { readCached, writeCached } from './profile-cache.ts';
import { isHosted, Session, type SessionSettings } from './session.ts';

export interface ConnectSettings extends SessionSettings {
  /** As the server names it. */
  readonly model: string;
  /** Of the LoRA adapter; 0 trains all parameters, where the server can. */
  readonly rank: number;
  /** Of the adapter's initial weights. */
  readonly seed: number;
  /** Parts of the model that get adapters; all by default. */
  readonly trainUnembed?: boolean | undefined;
  readonly trainMlp?: boolean | undefined;
  readonly trainAttn?: boolean | undefined;
  /** `auto`: the hosted server by its address, others measured. */
  readonly profile?: 'auto' | ProfileName | undefined;
  /** Of a measured profile. `cached`: measured once for each server and model. `never`: only what the cache has. */
  readonly probe?: 'cached' | 'always' | 'never' | undefined;
  /** Where measurements are kept; absent: nowhere. */
  readonly cacheDirectory?: string | undefined;
  /** Ids of tokens are below this. */
  readonly vocabularySize: number;
  /** Tokens of one sequence at most, where the server does not say. */
  readonly maxContext?: number | undefined;
}

export interface Connected {
  readonly engine: TinkerEngine;
  readonly profile: Profile;
  /** Of a measured profile. */
  readonly report?: ConformanceReport;
}

/** @throws UserError, TinkerError */
export async function connect(settings: ConnectSettings): Promise<Connected> {
  const session = await Session.open(settings);
  try {
    const maxContext = await contextOf(session, settings);
    const { model, rank, seed, vocabularySize } = settings;
    const { trainUnembed = true, trainMlp = true, trainAttn = true } = settings;
    const target: ProbeTarget = {
      session,
      model,
      lora: { rank, seed, trainUnembed, trainMlp, trainAttn },
      vocabularySize,
      maxContext,
    };
    const { profile, report } = await profileOf(target, settings);
    if (rank === 0 && !profile.trainsFull)
      throw new UserError(
        `engine.tinker.rank must be at least 1 with this server (${profile.name}): it trains LoRA adapters alone`,
      );
    if (!profile.takesLoraParts && !(trainMlp && trainAttn))
      throw new UserError(
        `engine.tinker.trainMlp and trainAttn must be left out with this server (${profile.name}): it chooses by itself which parts get adapters`,
      );
    const engine = await createTinkerEngine({ ...target, profile });
    return { engine, profile, ...(report !== undefined && { report }) };
  } catch (error) {
    await session.close();
    throw error;
  }
}

/** What the server says of the model, else what the user says. */
async function contextOf(session: Session, { model, maxContext }: ConnectSettings): Promise<number> {
  const models = await session.supportedModels();
  const served = models.find(({ modelName }) => modelName === model)?.maxContextLength ?? undefined;
  if (served !== undefined && maxContext !== undefined) return Math.min(served, maxContext);
  const known = served ?? maxContext;
  if (known === undefined)
    throw new UserError(
      `${session.baseUrl} does not say the context of ${quoted(model)}: write engine.tinker.maxContext, in tokens`,
    );
  return known;
}

async function profileOf(
  target: ProbeTarget,
  { profile = 'auto', probe: when = 'cached', cacheDirectory }: ConnectSettings,
): Promise<{ readonly profile: Profile; readonly report?: ConformanceReport }> {
  if (profile !== 'auto') return { profile: PROFILES[profile] };
  const { session, model } = target;
  if (when !== 'always' && isHosted(session.baseUrl)) return { profile: PROFILES.hosted };
  const server = { baseUrl: session.baseUrl, model };
  const cached =
    when === 'always' || cacheDirectory === undefined ? undefined : await readCached(cacheDirectory, server);
  if (cached !== undefined) return { profile: cached.profile, report: cached };
  if (when === 'never')
    throw new UserError(
      `nothing is known of ${session.baseUrl} with ${quoted(model)}: let it be measured (engine.tinker.probe: cached), or write engine.tinker.profile (${Object.keys(PROFILES).join(', ')})`,
    );
  const report = await probe(target);
  if (cacheDirectory !== undefined) await writeCached(cacheDirectory, server, report);
  return { profile: report.profile, report };
}
