export { TokensView } from './lens/view.tsx';
