/**
 * Reads the one thing LiveCodeBench pickles: a single string. This is no unpickler: it knows the opcodes that such a pickle is
 * made of, and anything else, in particular whatever could import or call, is an error.
 *
 * Protocols 2 to 5: PROTO, FRAME (from 4 on, where the string is short), one string, MEMOIZE or BINPUT, STOP.
 */

const PROTO = 0x80;
const FRAME = 0x95;
const SHORT_BINUNICODE = 0x8c;
const BINUNICODE = 0x58;
const BINUNICODE8 = 0x8d;
const MEMOIZE = 0x94;
const BINPUT = 0x71;
const LONG_BINPUT = 0x72;
const STOP = 0x2e;

/** @throws Error saying at which byte it is not a pickle of one string. */
export function stringFromPickle(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const take = (count: number): number => {
    const from = at;
    at += count;
    if (at > bytes.length) throw new Error(`the pickle ends too early, at byte ${bytes.length}`);
    return from;
  };
  const opcode = (): number => bytes[take(1)] as number;
  const refuse = (code: number): never => {
    throw new Error(`opcode 0x${code.toString(16)} at byte ${at - 1}: not a pickle of one string`);
  };
  const text = (length: number): string => {
    const from = take(length);
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(from, from + length));
  };

  /** The next opcode that is not a frame, which only says how much may be read at once. */
  const next = (): number => {
    const code = opcode();
    if (code !== FRAME) return code;
    take(8);
    return opcode();
  };

  let code = opcode();
  if (code !== PROTO) refuse(code);
  const protocol = opcode();
  if (protocol < 2 || protocol > 5) throw new Error(`pickle protocol ${protocol}: 2 to 5 are known`);
  code = next();
  let found = '';
  if (code === SHORT_BINUNICODE) found = text(opcode());
  else if (code === BINUNICODE) found = text(view.getUint32(take(4), true));
  else if (code === BINUNICODE8) found = text(Number(view.getBigUint64(take(8), true)));
  else refuse(code);
  code = next();
  if (code === MEMOIZE) code = next();
  else if (code === BINPUT || code === LONG_BINPUT) {
    take(code === BINPUT ? 1 : 4);
    code = next();
  }
  if (code !== STOP) refuse(code);
  if (at !== bytes.length) throw new Error(`${bytes.length - at} bytes follow the pickle's end`);
  return found;
}
