/** What the keys do, as far as something listens to them now. */
import { useEffect, useRef } from 'preact/hooks';
import { keyHelp } from './keys.ts';

const NAMES: Readonly<Record<string, string>> = {
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
  Escape: 'Esc',
  ' ': 'Space',
};

export function Help({ close }: { readonly close: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="help" aria-label="Keyboard" onClose={close}>
      <h2>Keyboard</h2>
      <div class="help-groups">
        {keyHelp().map(({ title, bindings }) => (
          <section key={title}>
            <h3>{title}</h3>
            <dl>
              {bindings
                .filter(({ about }) => about !== '')
                .map(({ keys, about }) => (
                  <div key={about}>
                    <dt>
                      {keys.map((key) => (
                        <kbd key={key}>{NAMES[key] ?? key}</kbd>
                      ))}
                    </dt>
                    <dd>{about}</dd>
                  </div>
                ))}
            </dl>
          </section>
        ))}
      </div>
      <p class="quiet">Charts: drag to zoom, double click for all steps.</p>
      <button type="button" onClick={close}>
        Close
      </button>
    </dialog>
  );
}
