/** What the policy was shown, folded away when it is long. */
import { counted } from '../format.ts';
import { visibleLines } from './visible.ts';

/** Characters. */
const SHORT = 240;

export function Prompt({ prompt, tokens }: { readonly prompt: string; readonly tokens: number }) {
  return (
    <details class="prompt" open={prompt.length <= SHORT}>
      <summary>
        Prompt <span class="quiet">{counted(tokens, 'token')}</span>
      </summary>
      <pre>{visibleLines(prompt)}</pre>
    </details>
  );
}
