/**
 * The tokenizer library with what it does unlike the Python one set right.
 */
import * as tokenizers from '@huggingface/tokenizers';

/** What we use of it; its own declarations do not resolve under Node's module rules. */
export interface LibraryTokenizer {
  encode(text: string, options: { add_special_tokens: boolean }): { readonly ids: number[] };
  decode(tokens: number[], options: { clean_up_tokenization_spaces: boolean }): string;
  token_to_id(token: string): number | undefined;
  id_to_token(id: number): string | undefined;
}

interface Decoder {
  /** Of a `Sequence`. */
  readonly decoders?: readonly Decoder[];
  /** Of a `ByteFallback`. */
  text_decoder?: { decode(bytes: Uint8Array): string };
}

const { Tokenizer: Library, ByteFallbackDecoder } = tokenizers as unknown as {
  readonly Tokenizer: new (file: object, config: object) => LibraryTokenizer & { readonly decoder: Decoder | null };
  readonly ByteFallbackDecoder: new () => Decoder;
};

/** @throws Error saying which part of the file the library does not know. */
export function createLibraryTokenizer(file: object): LibraryTokenizer {
  const tokenizer = new Library(file, {});
  for (const decoder of decodersOf(tokenizer.decoder)) {
    if (decoder instanceof ByteFallbackDecoder) decoder.text_decoder = { decode: runOfBytes };
  }
  return tokenizer;
}

const decodersOf = (decoder: Decoder | null): Decoder[] =>
  decoder === null ? [] : [decoder, ...(decoder.decoders ?? []).flatMap(decodersOf)];

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A run of byte tokens as in Python: all of it text, or a replacement character for each; and a byte order mark stays. */
function runOfBytes(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    return '\ufffd'.repeat(bytes.length);
  }
}
