/** All runs there are, as the page's root keeps them up to date for every view. */
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { RunsReply } from '../api.ts';
import type { Resource } from './resource.ts';

export const RunsContext = createContext<Resource<RunsReply>>({ state: 'loading', retry: () => undefined });

export const useRuns = (): Resource<RunsReply> => useContext(RunsContext);
