import { expect, test } from 'vitest';
import { crc32c, maskedCrc32c } from './crc32c.ts';
import { EventMessage, fileHeader, scalarRecord } from './event-file.ts';

const ascii = (text: string) => new TextEncoder().encode(text);
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
/** Without the frame, whose lengths and checksums other tests look at. */
const decoded = (record: Uint8Array) =>
  EventMessage.toObject(EventMessage.decode(record.subarray(12, -4)), { longs: Number });

test('CRC-32C is the one of RFC 3720, appendix B.4', () => {
  const ascending = Uint8Array.from({ length: 32 }, (_, i) => i);
  expect(crc32c(ascii('123456789'))).toBe(0xe3069283);
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
  expect(crc32c(ascending)).toBe(0x46dd794e);
  expect(crc32c(ascending.toReversed())).toBe(0x113fdb5c);
  expect(crc32c(new Uint8Array(0))).toBe(0);
});

test('the mask rotates by 15 and adds 0xa282ead8', () => {
  // 0xe3069283 rotated right by 15 is 0x2507c60d
  expect(maskedCrc32c(ascii('123456789'))).toBe((0x2507c60d + 0xa282ead8) >>> 0);
  expect(maskedCrc32c(new Uint8Array(0))).toBe(0xa282ead8);
});

test('a record is byte for byte what TensorBoard writes, zeros included', () => {
  // tensorboard 2.21.0: EventFileWriter.add_event(Event(wall_time=1.5, step=3, summary=Summary(value=[
  //   Value(tag='a/b', simple_value=0.1), Value(tag='zero', simple_value=0)])))
  expect(hex(scalarRecord({ unixSeconds: 1.5, step: 3, scalars: { 'a/b': 0.1, zero: 0 } }))).toBe(
    '2600000000000000734fe30009000000000000f83f10032a190a0a0a03612f6215cdcccc3d0a0b0a047a65726f15000000000601ba14',
  );
});

test('a file begins with the version that TensorBoard looks for', () => {
  expect(decoded(fileHeader(1.5))).toEqual({ wallTime: 1.5, fileVersion: 'brain.Event:2' });
});

test('scalars come back as 32-bit floats, with what JSON cannot say', () => {
  const scalars = { 'a/b': 0.1, nan: Number.NaN, low: -Infinity, zero: 0 };
  expect(decoded(scalarRecord({ unixSeconds: 1795488030.156, step: 2 ** 40, scalars }))).toEqual({
    wallTime: 1795488030.156,
    step: 2 ** 40,
    summary: {
      value: [
        { tag: 'a/b', simpleValue: Math.fround(0.1) },
        { tag: 'nan', simpleValue: Number.NaN },
        { tag: 'low', simpleValue: -Infinity },
        { tag: 'zero', simpleValue: 0 },
      ],
    },
  });
});
