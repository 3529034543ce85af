/** One line of tokens, drawn again only when something in it changes: scrolling draws the lines that come into sight and no others. */
import { Component } from 'preact';
import { type Line, NO_TEXT, type Piece } from './layout.ts';
import type { Tone } from './scale.ts';
import { type Mark, segments, type TokenTexts } from './token-view.ts';
import { visible } from './visible.ts';

interface TokenLineProps {
  readonly line: Line;
  readonly tokens: TokenTexts;
  /** [T] */
  readonly tones: readonly Tone[];
  readonly marks: readonly Mark[];
  /** The token under the cursor, if it is in this line; else -1. */
  readonly cursor: number;
}

export class TokenLine extends Component<TokenLineProps> {
  override shouldComponentUpdate(next: TokenLineProps): boolean {
    const now = this.props;
    return (
      now.line !== next.line ||
      now.tones !== next.tones ||
      now.marks !== next.marks ||
      now.cursor !== next.cursor ||
      now.tokens !== next.tokens
    );
  }

  render({ line, cursor }: TokenLineProps) {
    return (
      <div class="token-line">
        <span class="token-number">{line[0]?.token ?? ''}</span>
        {line.map((piece) => (
          <span
            key={piece.token}
            class={`token ${this.props.tones[piece.token] ?? 'untoned'}${piece.token === cursor ? ' at-cursor' : ''}`}
            data-token={piece.token}
          >
            {this.content(piece)}
          </span>
        ))}
      </div>
    );
  }

  private content({ token, start, end }: Piece) {
    const { tokens, marks } = this.props;
    const text = (tokens.texts[token] ?? '').slice(start, end);
    if (text === '') return <span class="quiet">{NO_TEXT}</span>;
    const from = tokens.starts[token] ?? -1;
    const parts = segments(text, from < 0 ? -1 : from + start, marks);
    return parts.map(({ text: part, isAnswer, isHit }, i) => {
      const shown = visible(part);
      if (!isAnswer && !isHit) return shown;
      const kinds = [isAnswer && 'answer', isHit && 'hit'].filter(Boolean).join(' ');
      return (
        <span key={i} class={kinds}>
          {shown}
        </span>
      );
    });
  }
}
