/** HTML from templates: whatever is put into one is escaped unless it is markup itself. */

export interface Markup {
  readonly html: string;
}

type Part = string | number | undefined | Markup | readonly Part[];

/** `html\`<b>${name}</b>\`` */
export function html(texts: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return { html: texts.reduce((whole, text, i) => `${whole}${rendered(parts[i - 1])}${text}`) };
}

/** Only for what this project made, such as its figures. */
export const trusted = (text: string): Markup => ({ html: text });

function rendered(part: Part): string {
  if (part === undefined) return '';
  if (typeof part === 'number') return `${part}`;
  if (typeof part === 'string') return escaped(part);
  return 'html' in part ? part.html : part.map(rendered).join('');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: HTML forbids them
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g;

const escaped = (text: string): string =>
  text.replace(FORBIDDEN, '\ufffd').replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
