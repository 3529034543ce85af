/** What metrics mean, as the server knows it: asked for once, found by key. */
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { GlossaryEntry, GlossaryReply } from '../api.ts';
import { api } from './client.ts';
import { useReply } from './resource.ts';

export const GlossaryContext = createContext<GlossaryReply>({});

/** For the page's root; empty until it is there, and where it cannot be had. */
export const useGlossary = (): GlossaryReply => useReply(api.glossary()).value ?? {};

/** Undefined where nobody wrote what the metric means. */
export const useMeaning = (key: string): GlossaryEntry | undefined => entryOf(useContext(GlossaryContext), key);

/** The entry of the key itself, else of the first pattern that fits: `*` stands for any text without a slash. */
export function entryOf(glossary: GlossaryReply, key: string): GlossaryEntry | undefined {
  const exact = Object.hasOwn(glossary, key) ? glossary[key] : undefined;
  return exact ?? Object.entries(glossary).find(([pattern]) => fits(pattern, key))?.[1];
}

const fits = (pattern: string, key: string): boolean =>
  new RegExp(`^${pattern.split('*').map(literally).join('[^/]+')}$`).test(key);

const literally = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
