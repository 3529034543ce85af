import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { html, trusted } from './markup.ts';

describe('markup', () => {
  it('escapes what is put into it, and not what is markup', () => {
    const name = `<script>alert("1&'2")</script>\u0000`;
    expect(html`<b title="${name}">${[html`<i>${1}</i>`, name]}${undefined}</b>`.html).toBe(
      '<b title="&lt;script&gt;alert(&quot;1&amp;&#39;2&quot;)&lt;/script&gt;\ufffd"><i>1</i>&lt;script&gt;alert(&quot;1&amp;&#39;2&quot;)&lt;/script&gt;\ufffd</b>',
    );
    expect(html`${trusted('<br>')}`.html).toBe('<br>');
  });

  it('never lets a text open a tag or end an attribute', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(html`${text}`.html).not.toMatch(/[<>"']/);
      }),
    );
  });
});
