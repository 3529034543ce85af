/** The thread a pool runs: every verifier of the catalogue, each imported when it is first asked for. */
import { loadVerifier } from './catalogue.ts';
import { serveDecisions } from './worker-loop.ts';

serveDecisions(async ({ verifier, gold, completion }) => {
  const loaded = await loadVerifier(verifier);
  return { backstopMs: loaded.backstopMs(gold), decide: () => loaded.verify(gold, completion) };
});
