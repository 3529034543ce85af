/** Differences between settings as people write them: JSON Merge Patch (RFC 7396). Pure. */

export type Settings = Readonly<Record<string, unknown>>;

export const isSettings = (value: unknown): value is Settings =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Mappings merge key by key, `null` removes a key, anything else (lists too) replaces. {a: {b: 1}} + {a: {c: 2}} -> {a: {b: 1, c: 2}}. */
export function mergePatch(target: unknown, patch: Settings): Settings {
  const merged = new Map(Object.entries(isSettings(target) ? target : {}));
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else merged.set(key, isSettings(value) ? mergePatch(merged.get(key), value) : value);
  }
  return Object.fromEntries(merged);
}
