/** Nothing on file, yet or ever. */
import { Empty } from '../states.tsx';

export function NoRollouts({ isLive }: { readonly isLive: boolean }) {
  return (
    <Empty title={isLive ? 'No rollouts yet' : 'No rollouts'}>
      <p>
        {isLive
          ? 'They appear here with the first step that is kept: journal.rolloutsEvery says which are.'
          : 'No step of this run has its rollouts on file: journal.rolloutsEvery says which are kept.'}
      </p>
    </Empty>
  );
}
