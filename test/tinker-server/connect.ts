/** A client's engine on a test server. */
import { createTinkerEngine, type TinkerEngine } from '../../src/engine/tinker/engine.ts';
import { PROFILES, type ProfileName } from '../../src/engine/tinker/profile.ts';
import { Session, type SessionSettings } from '../../src/engine/tinker/session.ts';
import { hosted, type ServerProfile, skyrlJax, skyrlTrain } from './profile.ts';
import type { TinkerServer } from './server.ts';

/** What a server of each kind is, to itself. */
export const SERVER_PROFILES: Readonly<Record<ProfileName, ServerProfile>> = {
  hosted,
  'skyrl-jax': skyrlJax,
  'skyrl-train': skyrlTrain,
};

export async function connect(
  server: TinkerServer,
  profile: ProfileName = 'hosted',
  settings: Partial<SessionSettings> = {},
): Promise<TinkerEngine> {
  const session = await Session.open({ baseUrl: server.baseUrl, ...settings });
  const { maxContext, vocabularySize } = server.world.settings;
  return createTinkerEngine({
    session,
    model: 'fake/table',
    lora: { rank: 8, trainUnembed: true, trainMlp: true, trainAttn: true },
    profile: PROFILES[profile],
    maxContext,
    vocabularySize,
  });
}
