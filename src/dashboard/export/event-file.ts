/**
 * TensorBoard's event files: TFRecords (length, checksum, bytes, checksum; little-endian) of protobuf `Event`s, with the field numbers of
 * tensorflow/core/util/event.proto and framework/summary.proto. Knows no run.
 */
import protobuf from 'protobufjs/light.js';
import { assert } from '../../core/errors.ts';
import { maskedCrc32c } from './crc32c.ts';

/** Values of one moment. */
export interface ScalarEvent {
  readonly unixSeconds: number;
  readonly step: number;
  /** Tag -> value, kept as a 32-bit float. */
  readonly scalars: Readonly<Record<string, number>>;
}

// a member of a `oneof` is written also where it is 0
const nested = {
  Event: {
    oneofs: { what: { oneof: ['fileVersion', 'summary'] } },
    fields: {
      wallTime: { id: 1, type: 'double' },
      step: { id: 2, type: 'int64' },
      fileVersion: { id: 3, type: 'string' },
      summary: { id: 5, type: 'Summary' },
    },
  },
  Summary: { fields: { value: { id: 1, type: 'Value', rule: 'repeated' } } },
  Value: {
    oneofs: { value: { oneof: ['simpleValue'] } },
    fields: { tag: { id: 1, type: 'string' }, simpleValue: { id: 2, type: 'float' } },
  },
};

/** For decoding too: what a test reads back. */
export const EventMessage = protobuf.Root.fromJSON({ nested }).lookupType('Event');

const FRAME_BYTES = 16;

/** @param bytes fewer than 2^32 */
export function tfRecord(bytes: Uint8Array): Uint8Array {
  assert(bytes.length < 2 ** 32, `a record of ${bytes.length} bytes`);
  const record = new Uint8Array(bytes.length + FRAME_BYTES);
  const view = new DataView(record.buffer);
  view.setUint32(0, bytes.length, true);
  view.setUint32(8, maskedCrc32c(record.subarray(0, 8)), true);
  record.set(bytes, 12);
  view.setUint32(12 + bytes.length, maskedCrc32c(bytes), true);
  return record;
}

/** What every event file begins with. */
export const fileHeader = (unixSeconds: number): Uint8Array =>
  tfRecord(EventMessage.encode({ wallTime: unixSeconds, fileVersion: 'brain.Event:2' }).finish());

export function scalarRecord({ unixSeconds, step, scalars }: ScalarEvent): Uint8Array {
  const value = Object.entries(scalars).map(([tag, simpleValue]) => ({ tag, simpleValue }));
  return tfRecord(EventMessage.encode({ wallTime: unixSeconds, step, summary: { value } }).finish());
}
