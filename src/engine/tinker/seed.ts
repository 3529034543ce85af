/** Our keys as the protocol's seeds. */
import { type RandomKey, uniform } from '../../core/random.ts';

/** Room for the completions of one request: number i of them is drawn with seed + i. */
const ROOM = 2 ** 20;

/** An integer in [0, 2^31 - 2^20). */
export const seedOf = (key: RandomKey): number => Math.floor(uniform(key, 0) * (2 ** 31 - ROOM));
