/**
 * Who we are to a server: an API key, the output of a command, or the short-lived token either is exchanged for. Nothing here is ever written
 * down or shown.
 */
import { exec } from 'node:child_process';
import { promisify } from 'node:util';
import { z } from 'zod';
import { UserError } from '../../core/errors.ts';
import type { Clock } from './clock.ts';

/** From the environment; run files hold none of it. */
export interface CredentialSource {
  readonly apiKey?: string | undefined;
  /** A shell command that prints the key. */
  readonly command?: string | undefined;
  /** Cloudflare Access, where a server lies behind it. */
  readonly access?: { readonly clientId: string; readonly clientSecret: string } | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The variables of the official SDK. @throws UserError when only half of a pair is set */
export function credentialsOf(environment: Environment): CredentialSource {
  const value = (name: string) => environment[name] || undefined;
  const clientId = value('CLOUDFLARE_ACCESS_CLIENT_ID');
  const clientSecret = value('CLOUDFLARE_ACCESS_CLIENT_SECRET');
  if ((clientId === undefined) !== (clientSecret === undefined))
    throw new UserError(
      'CLOUDFLARE_ACCESS_CLIENT_ID and CLOUDFLARE_ACCESS_CLIENT_SECRET belong together: set both or none',
    );
  return {
    apiKey: value('TINKER_API_KEY'),
    command: value('TINKER_CREDENTIAL_CMD'),
    access: clientId !== undefined && clientSecret !== undefined ? { clientId, clientSecret } : undefined,
  };
}

const COMMAND_TIMEOUT_MS = 60_000;
/** A token is renewed so long before it runs out; when that fails, again after `AGAIN_MS`, and at the last moment anyway. */
const EARLY_MS = 300_000;
const LAST_MOMENT_MS = 60_000;
const AGAIN_MS = 60_000;

/** Asks the server for a token in exchange for the key it is given. */
export type Exchange = (headers: Readonly<Record<string, string>>) => Promise<string>;

interface Token {
  readonly text: string;
  /** On our clock; absent when the token does not say. */
  readonly expires: number | undefined;
}

export class Credentials {
  readonly #source: CredentialSource;
  readonly #clock: Clock;
  #key: string | undefined;
  #exchange: Exchange | undefined;
  #token: Token | undefined;
  #renewing: Promise<void> | undefined;
  #notBefore = Number.NEGATIVE_INFINITY;

  constructor(source: CredentialSource, clock: Clock) {
    this.#source = source;
    this.#clock = clock;
  }

  /** Whether there is anything to keep secret. */
  get isSecret(): boolean {
    return this.#source.apiKey !== undefined || this.#source.command !== undefined || this.#source.access !== undefined;
  }

  /** From here on the key is sent to `exchange` alone, and tokens travel in its place. */
  async exchangeKey(exchange: Exchange): Promise<void> {
    this.#exchange = exchange;
    await this.#renew();
  }

  async headers(): Promise<Readonly<Record<string, string>>> {
    if (this.#exchange === undefined) return this.#with(await this.#apiKey());
    const left = (this.#token?.expires ?? Number.POSITIVE_INFINITY) - this.#clock.now();
    if (left < LAST_MOMENT_MS) await this.#renew();
    // a renewal that fails early is tried again: the token is still good
    else if (left < EARLY_MS && this.#clock.now() >= this.#notBefore) this.#renew().catch(() => {});
    return this.#with(this.#token?.text);
  }

  /** Everything that must not be shown. */
  secrets(): string[] {
    const { apiKey, access } = this.#source;
    const all = [apiKey, this.#key, this.#token?.text, access?.clientSecret];
    return [...new Set(all.filter((each) => each !== undefined))];
  }

  #with(key: string | undefined): Record<string, string> {
    const { access } = this.#source;
    return {
      ...(key !== undefined && { 'x-api-key': key }),
      ...(access !== undefined && {
        'cf-access-client-id': access.clientId,
        'cf-access-client-secret': access.clientSecret,
      }),
    };
  }

  async #apiKey(): Promise<string | undefined> {
    const { apiKey, command } = this.#source;
    if (this.#key === undefined) this.#key = command === undefined ? apiKey : await printed(command);
    return this.#key;
  }

  #renew(): Promise<void> {
    this.#renewing ??= this.#exchangeOnce().finally(() => {
      this.#renewing = undefined;
    });
    return this.#renewing;
  }

  async #exchangeOnce(): Promise<void> {
    this.#notBefore = this.#clock.now() + AGAIN_MS;
    // what a command prints may itself be short-lived
    if (this.#source.command !== undefined) this.#key = undefined;
    const text = await this.#exchange!(this.#with(await this.#apiKey()));
    const seconds = secondsLeft(text);
    this.#token = { text, expires: seconds === undefined ? undefined : this.#clock.now() + seconds * 1000 };
  }
}

/** The command's own words are not quoted: they may hold the key. */
async function printed(command: string): Promise<string> {
  let output: string;
  try {
    output = (await promisify(exec)(command, { timeout: COMMAND_TIMEOUT_MS, encoding: 'utf8' })).stdout.trim();
  } catch (error) {
    const { code, killed } = error as { code?: unknown; killed?: boolean };
    const how = killed === true ? `did not end in ${COMMAND_TIMEOUT_MS / 1000} s` : `ended with code ${String(code)}`;
    throw new UserError(`the command of TINKER_CREDENTIAL_CMD ${how}; run it by hand and see`);
  }
  if (output === '' || /\s/.test(output))
    throw new UserError('the command of TINKER_CREDENTIAL_CMD must print the key and nothing else');
  return output;
}

const payloadSchema = z.object({ exp: z.number() });

/** What a JWT says of its own end, against this machine's clock. */
function secondsLeft(token: string): number | undefined {
  try {
    const payload = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')) as unknown;
    const parsed = payloadSchema.safeParse(payload);
    return parsed.success ? parsed.data.exp - Date.now() / 1000 : undefined;
  } catch {
    return undefined;
  }
}
