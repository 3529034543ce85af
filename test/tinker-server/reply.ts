/** What the server answers: a status with a JSON body, or bytes. */
import { toWire } from '../../src/engine/tinker/keys.ts';

export interface Reply {
  readonly status: number;
  readonly contentType: string;
  readonly bytes: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

export const json = (status: number, body: object, headers: Readonly<Record<string, string>> = {}): Reply => ({
  status,
  contentType: 'application/json',
  bytes: Buffer.from(JSON.stringify(toWire(body))),
  headers,
});

/** What work came to, before a poll chose its form. */
export interface Results {
  readonly json: () => Reply;
  readonly protobuf?: () => Uint8Array;
}

/** Thrown by endpoints: the request ends with this status. */
export class Refusal extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, detail: string, headers: Readonly<Record<string, string>> = {}) {
    super(detail);
    this.status = status;
    this.headers = headers;
  }

  get reply(): Reply {
    return json(this.status, { detail: this.message }, this.headers);
  }
}
