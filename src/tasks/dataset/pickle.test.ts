import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stringFromPickle } from './pickle.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');

// what Python's pickle.dumps('aé') writes, protocol by protocol
test.each([
  [2, '\x80\x02X\x03\x00\x00\x00a\xc3\xa9q\x00.'],
  [3, '\x80\x03X\x03\x00\x00\x00a\xc3\xa9q\x00.'],
  [4, '\x80\x04\x95\x07\x00\x00\x00\x00\x00\x00\x00\x8c\x03a\xc3\xa9\x94.'],
  [5, '\x80\x05\x95\x07\x00\x00\x00\x00\x00\x00\x00\x8c\x03a\xc3\xa9\x94.'],
])('the string of protocol %d is read', (_protocol, pickled) => {
  expect(stringFromPickle(bytes(pickled))).toBe('aé');
});

test('a string too long for a frame is read without one, and one of 8 length bytes', () => {
  const long = 'a'.repeat(70_000);
  expect(stringFromPickle(bytes(`\x80\x04X\x70\x11\x01\x00${long}\x94.`))).toBe(long);
  expect(stringFromPickle(bytes('\x80\x04\x8d\x02\x00\x00\x00\x00\x00\x00\x00ab\x94.'))).toBe('ab');
});

test.each([
  [
    'a call of os.system',
    '\x80\x04\x95\x25\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix\x94\x8c\x06system\x94\x93\x94\x8c\x0aecho pwned\x94\x85\x94R\x94.',
    'opcode 0x8c at byte 19',
  ],
  ['a global', '\x80\x02cos\nsystem\n.', 'opcode 0x63 at byte 2'],
  ['a list', '\x80\x04]\x94.', 'opcode 0x5d at byte 2'],
  ['protocol 0', 'Vabc\np0\n.', 'opcode 0x56 at byte 0'],
  ['protocol 9', '\x80\x09X\x00\x00\x00\x00.', 'pickle protocol 9'],
  ['a claim of 4 GB', '\x80\x04X\xff\xff\xff\xffab', 'the pickle ends too early'],
  ['a claim of 2^63 bytes', '\x80\x04\x8d\xff\xff\xff\xff\xff\xff\xff\x7fab', 'the pickle ends too early'],
  ['a second pickle behind', '\x80\x02X\x00\x00\x00\x00q\x00.\x80\x02.', '3 bytes follow'],
  ['nothing', '', 'the pickle ends too early'],
])('%s is refused', (_name, pickled, message) => {
  expect(() => stringFromPickle(bytes(pickled))).toThrow(message);
});

test('no bytes do more than give a string or an Error', () => {
  const head = fc.constantFrom<number[]>([], [0x80, 4], [0x80, 4, 0x8c], [0x80, 2, 0x58]);
  fc.assert(
    fc.property(head, fc.uint8Array({ maxLength: 40 }), (start, rest) => {
      try {
        expect(typeof stringFromPickle(Uint8Array.from([...start, ...rest]))).toBe('string');
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
      }
    }),
  );
});
