/** What is said before a session is there: which server it is, who we are, that we want one. */
import { z } from 'zod';
import { parsed } from './answers.ts';
import { quoted, TinkerError } from './failure.ts';
import { toWire } from './keys.ts';
import { insist, SUBMIT_MS, type Transport } from './retry.ts';
import { type ClientConfig, clientConfigSchema, createSessionSchema } from './wire.ts';

/** The version of the official SDK whose protocol this client speaks; servers ask for it. */
const SDK_VERSION = '0.25.0';

const tokenSchema = z.object({ jwt: z.string().min(1) });

export interface Notice {
  readonly level: 'note' | 'warning' | 'error';
  readonly message: string;
}

export interface Introduction {
  /** Shown by the server beside the session. */
  readonly tags?: readonly string[] | undefined;
  readonly projectId?: string | undefined;
  /** What a person should hear: the server's messages, repeats, queues. Never holds a key. */
  readonly onNotice?: ((notice: Notice) => void) | undefined;
}

export async function clientConfig(transport: Transport): Promise<ClientConfig> {
  const body = toWire({ sdkVersion: SDK_VERSION }) as object;
  try {
    const answer = await insist(transport, { path: 'client/config', pool: 'session', body, timeoutMs: SUBMIT_MS });
    return parsed(clientConfigSchema, answer);
  } catch (error) {
    // older servers do not know the question
    if (error instanceof TinkerError && (error.status === 404 || error.status === 405))
      return clientConfigSchema.parse({});
    throw error;
  }
}

export async function exchangedToken(transport: Transport, headers: Readonly<Record<string, string>>): Promise<string> {
  const asKey = { ...transport, credentials: async () => headers };
  const answer = await insist(asKey, { path: 'auth/token', pool: 'session', body: {}, timeoutMs: SUBMIT_MS });
  return parsed(tokenSchema, answer).jwt;
}

export async function createSession(transport: Transport, settings: Introduction): Promise<string> {
  const body = toWire({
    tags: settings.tags ?? [],
    userMetadata: {},
    sdkVersion: SDK_VERSION,
    projectId: settings.projectId,
  }) as object;
  const answer = await insist(transport, { path: 'create_session', pool: 'session', body, timeoutMs: SUBMIT_MS });
  const { sessionId, infoMessage, warningMessage, errorMessage } = parsed(createSessionSchema, answer);
  const tell = (level: Notice['level'], message: string | null | undefined) => {
    if (message) settings.onNotice?.({ level, message: quoted(message, transport.secrets()) });
  };
  tell('note', infoMessage);
  tell('warning', warningMessage);
  tell('error', errorMessage);
  return sessionId;
}
