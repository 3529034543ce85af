/**
 * What a tokenizer.json may ask for that the library would do differently without a word: refused when the file is read.
 */
import { UserError } from '../core/errors.ts';
import type { TokenizerFile } from './pretrained-tokenizer.ts';

/** The library splits as `Isolated` whatever these say. */
const UNLIKE_BEHAVIOURS = ['MergedWithPrevious', 'MergedWithNext', 'Contiguous'];

/** GPT-2's alphabet: the character that stands for each byte in the vocabulary. */
function byteCharacters(): string[] {
  const isShown = (byte: number) => (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(isShown(byte) ? byte : next++));
}

type Part = Readonly<Record<string, unknown>>;

/** A part and those nested in it (`Sequence`). */
function partsOf(part: unknown): Part[] {
  if (typeof part !== 'object' || part === null) return [];
  const { pretokenizers, decoders, normalizers, processors } = part as Part;
  const nested = [pretokenizers, decoders, normalizers, processors].flatMap((list) =>
    Array.isArray(list) ? list : [],
  );
  return [part as Part, ...nested.flatMap(partsOf)];
}

/** @throws UserError naming the file and the feature. */
export function refuseUnsupported(file: TokenizerFile, where: string): void {
  const { type, vocab, unk_token: unknown } = file.model;
  if (type !== 'BPE')
    throw new UserError(`${where}: a tokenizer of type ${type} is not supported; BPE is (Qwen, Llama, Mistral)`);
  const behaviour = partsOf(file.pre_tokenizer)
    .map((part) => part['behavior'])
    .find((name) => UNLIKE_BEHAVIOURS.includes(String(name)));
  if (behaviour !== undefined)
    throw new UserError(`${where}: a pre-tokenizer with behavior ${behaviour} is not supported`);
  const isByteLevel = partsOf(file.decoder).some(({ type }) => type === 'ByteLevel');
  if (!isByteLevel || unknown) return;
  const missing = byteCharacters().findIndex((character) => !Object.hasOwn(vocab, character));
  if (missing >= 0)
    throw new UserError(
      `${where}: the vocabulary has no token for byte 0x${missing.toString(16).padStart(2, '0')}, so text with it would be dropped; train the tokenizer with the whole byte alphabet`,
    );
}
