/**
 * How much of a completion is a copy of what it said before.
 *
 * Dimensions: T completion tokens.
 */

/** A completion repeats itself where a run of this many tokens was in it before. */
const REPEATED_RUN = 16;

/**
 * Share of the runs of `length` tokens that were in the completion before: 0 where every run is new, towards 1 in a loop. Runs are told
 * apart by 53-bit hashes. Absent for completions shorter than two runs can be.
 */
export function repetition(tokens: Int32Array, length = REPEATED_RUN): number | undefined {
  const runs = tokens.length - length + 1;
  if (runs < 2) return undefined;
  const hashes = runHashes(tokens, length).sort();
  let different = 1;
  for (let i = 1; i < runs; i++) if (hashes[i] !== hashes[i - 1]) different += 1;
  return 1 - different / runs;
}

/** Odd, so that no token's share of a hash fades; two lanes, since 32 bits collide. */
const [LOW, HIGH] = [0x01000193, 0x5bd1e995];

/** Of each run, from that of the one before: each lane is sum_j lane^(length-1-j) mixed(token j) modulo 2^32. */
function runHashes(tokens: Int32Array, length: number): Float64Array {
  const hashes = new Float64Array(tokens.length - length + 1);
  let [low, high, lowOut, highOut] = [0, 0, 1, 1];
  for (let j = 0; j < length; j++) [lowOut, highOut] = [Math.imul(lowOut, LOW), Math.imul(highOut, HIGH)];
  for (let t = 0; t < tokens.length; t++) {
    const come = mixed(tokens[t] ?? 0);
    const gone = t < length ? 0 : mixed(tokens[t - length] ?? 0);
    low = (Math.imul(low, LOW) + come - Math.imul(lowOut, gone)) | 0;
    high = (Math.imul(high, HIGH) + come - Math.imul(highOut, gone)) | 0;
    if (t >= length - 1) hashes[t - length + 1] = (low >>> 0) + (high >>> 11) * 2 ** 32;
  }
  return hashes;
}

/** The finalizer of MurmurHash3: neighbouring token numbers share no bits. */
function mixed(token: number): number {
  let bits = token + 0x9e3779b9;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) | 0;
}
